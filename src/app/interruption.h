// Ctrl-C and SIGTERM while a command works: what it has begun is put away, what is left is said,
// and the process ends by that signal (130 or 143 for a shell). Databases need nothing for that:
// what was not committed does not exist.
//
// The signals must be blocked in all threads before the object is made; after its end they wait for
// whoever takes them next.
#pragma once

#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace kehai::app {

class Interruption {
 public:
  // Takes its duty back at its end. Does not outlive the Interruption.
  class Duty {
   public:
    Duty(Interruption& owner, std::list<std::function<void()>>::iterator place)
        : owner_(owner), place_(place) {}
    ~Duty();
    Duty(const Duty&) = delete;
    Duty& operator=(const Duty&) = delete;

   private:
    Interruption& owner_;
    std::list<std::function<void()>>::iterator place_;
  };

  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  // What is done before the process ends, on a thread of its own while the command still works; the
  // latest first.
  [[nodiscard]] Duty before_end(std::function<void()> duty);

 private:
  void wait();
  void end(int signal);

  std::mutex mutex_;
  std::list<std::function<void()>> duties_;
  int wake_ = -1;  // an event: nobody waits for signals any more
  std::thread thread_;
};

}  // namespace kehai::app
