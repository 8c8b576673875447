#pragma once

#include <vector>

#include "engine/camera.hpp"
#include "engine/resident_networks.hpp"

namespace camclassify {

// Classifies one frame: the scene, then what is doubtful again, then the objects.
class Classifier {
 public:
  // Runs networks in `lane`. `camera` may be nullptr: then nothing is remembered. All arguments
  // must outlive it.
  Classifier(const Bundle& bundle, const Taxonomy& taxonomy, ResidentNetworks& networks, int lane,
             DecodedSnapshot& snapshot, const Request& request, Camera* camera);

  // `seen`: what the change gate said of the frame. Fills result's regime, detections and times.
  void classify(const ChangeGate::Verdict& seen, Result& result);

 private:
  // Adds the wall time of a step, less what it spent in decoding.
  template <class Step>
  void time(double& milliseconds, Step step);

  void choose_frame_regime(Result& result);
  std::vector<Candidate> look_at_scene(const ChangeGate::Verdict& seen,
                                       std::vector<Window>& windows);
  std::vector<Candidate> look_at(const Window& window, int number);
  void settle_doubts(std::vector<Candidate>& candidates);
  SecondLooks earlier_looks(ClassId key, const Box& box);
  SecondLook look_again(const Candidate& candidate, const Window& window, bool is_finer);
  void add_proposals(const ChangeGate::Verdict& seen, std::vector<Candidate>& candidates);
  std::vector<Detection> look_at_objects(const std::vector<Candidate>& candidates);
  ObjectLook look_at_object(const Candidate& candidate);

  float limit(ClassId id) const;      // of the bundle, in the regime
  float threshold(ClassId id) const;  // of what is returned
  bool is_doubtful(const Candidate& candidate) const;

  const Bundle& bundle_;
  const Taxonomy& taxonomy_;
  ResidentNetworks& networks_;
  int lane_;
  DecodedSnapshot& snapshot_;
  const Request& request_;
  Camera* camera_;
  Regime regime_ = Regime::kDay;
  Regime networks_regime_ = Regime::kDay;  // whose networks look
  Floors floors_;
};

}  // namespace camclassify
