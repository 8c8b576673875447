// An ONNX file cut where its heads leave the trunk: by its outputs, dealt out to heads by the first
// bytes of the input. Each part must be a network that can be read again.

#include <cstdlib>

#include "camclassify/error.hpp"
#include "camclassify/network.hpp"
#include "onnx/cut.hpp"

namespace {

using namespace camclassify;

constexpr std::size_t kHeads = 4;

void cut_by(std::span<const std::byte> deal, std::span<const std::byte> file) {
  const Model model = read_onnx(file);
  std::vector<std::vector<std::string>> heads(kHeads);
  for (std::size_t i = 0; i < model.outputs.size(); ++i) {
    const auto head = std::to_integer<std::size_t>(deal[i % deal.size()]) % (kHeads + 1);
    if (head < kHeads) heads[head].push_back(model.outputs[i].name);
  }
  const CutModel parts = cut(model, heads);
  if (parts.heads.size() != heads.size()) std::abort();
  const auto read_again = [](const Model& part) {
    const std::string written = write_onnx(part);
    try {
      read_onnx(std::as_bytes(std::span(written)));
    } catch (const Error&) {
      std::abort();
    }
  };
  read_again(parts.trunk);
  for (const Model& head : parts.heads)
    if (!head.nodes.empty()) read_again(head);
  open_network(file, {.runner = Runner::kDirect, .heads = heads});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::size_t kDeal = 4;
  if (size < kDeal) return 0;
  const auto bytes = std::as_bytes(std::span(data, size));
  try {
    cut_by(bytes.first(kDeal), bytes.subspan(kDeal));
  } catch (const Error&) {
  }
  return 0;
}
