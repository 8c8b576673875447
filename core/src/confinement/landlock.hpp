#pragma once

#include "camclassify/confinement.hpp"

namespace camclassify {

// Refuses, for the calling thread and all that it makes, to write anywhere in the file system, to
// execute files, and to open TCP connections
// unless they are allowed. Reading stays allowed.
// Returns the version of Landlock, or 0 if the kernel has none. Needs PR_SET_NO_NEW_PRIVS.
int deny_writing(Connections connections = Connections::kRefused);

}  // namespace camclassify
