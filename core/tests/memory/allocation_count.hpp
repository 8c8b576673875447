#pragma once

#include <cstddef>

namespace camclassify::test {

// Calls of operator new in this process so far, on all threads.
std::size_t allocation_count();

}  // namespace camclassify::test
