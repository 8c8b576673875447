#pragma once

namespace camclassify {

// Refuses, in all threads of the process, the system calls that open connections, start programs or
// processes, write to the file system, or reach rarely tested parts of the kernel; they fail with
// EPERM. Returns false if the kernel takes no filter. Needs PR_SET_NO_NEW_PRIVS.
bool refuse_system_calls();

}  // namespace camclassify
