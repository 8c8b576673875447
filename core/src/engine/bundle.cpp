#include "camclassify/bundle.hpp"
