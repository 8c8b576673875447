#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "camclassify/bundle.hpp"
#include "camclassify/network.hpp"

namespace camclassify {

using OpenFile =
    std::function<std::unique_ptr<Network>(const NetworkFile& file, std::shared_ptr<Workspace>)>;

// Of files of one network in several precisions, the one that runs in the least time on this
// machine with so many threads: which one that is depends on its instructions. Measured in less
// than a second, once in a process for files that stay as they are. One that needs an ONNX Runtime
// that is not here is left out if another does not; there is at least one. Throws what `open`
// throws.
const NetworkFile& fastest_file(const std::vector<const NetworkFile*>& files, int threads,
                                const OpenFile& open);

}  // namespace camclassify
