#include "engine/taxonomy.hpp"

#include <algorithm>

#include "camclassify/error.hpp"

namespace camclassify {
namespace {

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

Taxonomy::Taxonomy(const Bundle& bundle, const std::vector<std::string>& wanted) {
  for (const ClassInfo& info : bundle.classes) names_.push_back(info.name);
  for (const std::string& name : wanted)
    if (!contains(names_, name))
      throw Error("The class '" + name + "' is not in the bundle '" + bundle.name + "'.");
  for (const ClassInfo& info : bundle.classes) {
    roots_.push_back(find(info.parents.empty() ? info.name : info.parents.back()));
    std::vector<std::string> line = {info.name};
    line.insert(line.end(), info.parents.begin(), info.parents.end());
    const auto nearest = std::ranges::find_if(
        line, [&](const std::string& name) { return wanted.empty() || contains(wanted, name); });
    reported_.push_back(nearest == line.end() ? kNoClass : find(*nearest));
    lines_.push_back(std::move(line));
  }
}

ClassId Taxonomy::find(std::string_view name) const {
  const auto found = std::ranges::find(names_, name);
  return found == names_.end() ? kNoClass : static_cast<ClassId>(found - names_.begin());
}

bool Taxonomy::needs(const Specialist& specialist) const {
  return std::ranges::any_of(specialist.refines, [&](const std::string& coarse) {
    return std::ranges::any_of(specialist.classes, [&](const SpecialistClass& fine) {
      return !fine.name.empty() && reported(find(coarse)) != reported(find(fine.name));
    });
  });
}

std::vector<bool> Taxonomy::kinds_of(const std::vector<std::string>& names) const {
  std::vector<bool> kinds;
  for (const auto& line : lines_) {
    kinds.push_back(
        std::ranges::any_of(line, [&](const std::string& name) { return contains(names, name); }));
  }
  return kinds;
}

bool Taxonomy::leads_to_wanted(const SceneHead& head, const Bundle& bundle) const {
  return std::ranges::any_of(head.classes, [&](const std::string& name) {
    if (reported(find(name)) != kNoClass) return true;
    return std::ranges::any_of(bundle.objects, [&](const ObjectNetwork& object) {
      return std::ranges::any_of(object.specialists, [&](const Specialist& specialist) {
        return contains(specialist.refines, name) && needs(specialist);
      });
    });
  });
}

// What waits for a head's findings needs that head as well.
bool Taxonomy::needs(const SceneHead& head, const Bundle& bundle) const {
  if (leads_to_wanted(head, bundle)) return true;
  const auto finds = [&](const std::vector<std::string>& when) {
    const std::vector<bool> kinds = kinds_of(when);
    return std::ranges::any_of(head.classes, [&](const std::string& name) {
      return !name.empty() && kinds[static_cast<std::size_t>(find(name))];
    });
  };
  return std::ranges::any_of(bundle.scenes, [&](const SceneNetwork& scene) {
    return std::ranges::any_of(scene.heads, [&](const SceneHead& other) {
      return leads_to_wanted(other, bundle) && (finds(scene.when) || finds(other.when));
    });
  });
}

}  // namespace camclassify
