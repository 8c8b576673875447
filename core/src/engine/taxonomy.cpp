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

bool Taxonomy::needs(const SceneHead& head, const std::vector<ObjectNetwork>& objects) const {
  const auto leads_to_wanted = [&](const std::string& name) {
    if (reported(find(name)) != kNoClass) return true;
    return std::ranges::any_of(objects, [&](const ObjectNetwork& object) {
      return std::ranges::any_of(object.specialists, [&](const Specialist& specialist) {
        return contains(specialist.refines, name) && needs(specialist);
      });
    });
  };
  return std::ranges::any_of(head.classes, leads_to_wanted);
}

}  // namespace camclassify
