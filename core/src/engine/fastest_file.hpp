#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "camclassify/bundle.hpp"
#include "camclassify/engine.hpp"
#include "camclassify/network.hpp"

namespace camclassify {

using OpenFile =
    std::function<std::unique_ptr<Network>(const NetworkFile& file, std::shared_ptr<Workspace>)>;

struct FastestFile {
  NetworkFile file;
  Speeds speeds = {};                    // that decided; 0 if there was no choice
  std::unique_ptr<Network> opened = {};  // in another workspace; none if nothing was measured
};

// Of files of one network in several precisions, the one that runs in the least time on this
// machine with so many threads: which one that is depends on its instructions. If `known` tells the
// speed of all of them, by that; else measured in less than a second, once in a process for files
// that stay as they are. One that needs an ONNX Runtime that is not here is left out if another
// does not; there is at least one. Throws what `open` throws.
FastestFile fastest_file(const std::vector<const NetworkFile*>& files, int threads, Speeds known,
                         const OpenFile& open);

}  // namespace camclassify
