#pragma once

#include "camclassify/confinement.hpp"

namespace camclassify {

// Refuses, in all threads of the process, the system calls that open connections (unless those to
// internet addresses are allowed) or take them, start programs or
// processes, write to the file system, or reach rarely tested parts of the kernel; they fail with
// EPERM. Returns false if the kernel takes no filter. Needs PR_SET_NO_NEW_PRIVS.
bool refuse_system_calls(Connections connections = Connections::kRefused);

}  // namespace camclassify
