#include "camclassify/network.hpp"
