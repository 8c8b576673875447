#include "kernels/op.hpp"
