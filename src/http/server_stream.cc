#include "http/server_stream.h"

namespace kehai::http {

// Called with the lock held: after detach() the loop may be gone, and detach() waits for this lock.
void ServerStream::wake() {
  if (wake_posted_ || detached_) return;
  wake_posted_ = true;
  loop_.post([self = shared_from_this()] {
    {
      const std::lock_guard lock(self->mutex_);
      self->wake_posted_ = false;
    }
    const auto ready = self->ready_;  // it may detach this stream
    if (ready) ready();
  });
}

bool ServerStream::write(std::string_view chunk) {
  const std::lock_guard lock(mutex_);
  if (state_ != State::Open || detached_) return false;
  if (pending_.size() + unsent_ + chunk.size() > limit_) {
    state_ = State::Overflowed;
    wake();
    return false;
  }
  pending_ += chunk;
  wake();
  return true;
}

void ServerStream::close() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::Open) state_ = State::Ended;
  wake();
}

bool ServerStream::is_open() const {
  const std::lock_guard lock(mutex_);
  return state_ == State::Open && !detached_;
}

void ServerStream::attach(std::function<void()> ready) {
  ready_ = std::move(ready);
}

ServerStream::State ServerStream::take(std::string& out) {
  const std::lock_guard lock(mutex_);
  out += pending_;
  unsent_ = out.size();
  pending_.clear();
  if (pending_.capacity() > 4096) pending_.shrink_to_fit();
  return state_;
}

void ServerStream::set_unsent(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  unsent_ = bytes;
}

void ServerStream::detach() {
  ready_ = nullptr;
  const std::lock_guard lock(mutex_);
  detached_ = true;
  pending_ = std::string();
}

}  // namespace kehai::http
