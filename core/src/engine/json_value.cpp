#include "engine/json_value.hpp"

#include <fstream>
#include <sstream>

namespace camclassify {

JsonValue JsonValue::read(const std::filesystem::path& file, nlohmann::json& document) {
  std::ifstream stream(file, std::ios::binary);
  if (!stream)
    throw BundleError(file.string() +
                      " cannot be read. A bundle is a directory with a bundle.json in it.");
  try {
    document = nlohmann::json::parse(stream);
  } catch (const nlohmann::json::exception& error) {
    throw BundleError(file.string() + " is not valid JSON: " + error.what() + ".");
  }
  JsonValue root(document, file.string(), "");
  if (!document.is_object()) root.fail("must be an object");
  return root;
}

bool JsonValue::has(std::string_view key) const {
  if (!value_->is_object()) fail("must be an object");
  return value_->contains(key);
}

JsonValue JsonValue::at(std::string_view key) const {
  const std::string path = (key_.empty() ? "" : key_ + ".") + std::string(key);
  if (!has(key)) throw BundleError(file_ + ": the key '" + path + "' is missing.");
  return {value_->at(std::string(key)), file_, path};
}

std::vector<JsonValue> JsonValue::items() const {
  if (!value_->is_array()) fail("must be a list");
  std::vector<JsonValue> items;
  for (std::size_t i = 0; i < value_->size(); ++i)
    items.push_back({(*value_)[i], file_, key_ + "[" + std::to_string(i) + "]"});
  return items;
}

std::string JsonValue::text() const {
  if (!value_->is_string()) fail("must be a text");
  auto text = value_->get<std::string>();
  if (text.find('\0') != std::string::npos) fail("must not hold a zero character");
  return text;
}

int JsonValue::integer(int least, int most) const {
  if (value_->is_number_integer()) {
    const auto number = value_->get<std::int64_t>();
    if (number >= least && number <= most) return static_cast<int>(number);
  }
  fail("must be a whole number from " + std::to_string(least) + " to " + std::to_string(most));
}

float JsonValue::real(float least, float most) const {
  if (value_->is_number()) {
    const auto number = value_->get<float>();
    if (number >= least && number <= most) return number;
  }
  std::ostringstream problem;
  problem << "must be a number from " << least << " to " << most;
  fail(problem.str());
}

bool JsonValue::boolean() const {
  if (!value_->is_boolean()) fail("must be true or false");
  return value_->get<bool>();
}

std::vector<std::string> JsonValue::texts() const {
  std::vector<std::string> texts;
  for (const JsonValue& item : items()) texts.push_back(item.text());
  return texts;
}

void JsonValue::fail(const std::string& problem) const {
  throw BundleError(file_ + ": " + (key_.empty() ? "it" : "'" + key_ + "'") + " " + problem + ".");
}

}  // namespace camclassify
