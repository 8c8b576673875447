#include "camclassify/image.hpp"
