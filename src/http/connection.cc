#include "http/connection.h"

#include <sys/epoll.h>

#include <algorithm>
#include <functional>

#include "http/response_head.h"

namespace kehai::http {
namespace {

constexpr int kStepsPerTurn = 64;                 // then other connections have their turn
constexpr std::size_t kBytesPerTurn = 1U << 20U;  // written before others have their turn
constexpr std::size_t kTlsCoalesce = 16'384;      // one record for a small answer
constexpr std::uint64_t kCrowdedRate = 16;        // times the usual one, while there is no room
// Whoever came or was answered so shortly ago may just be sending the next request.
constexpr std::chrono::milliseconds kMayBeSending{500};
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool answer_has_no_body(int status) {
  return status == 204 || status == 304;
}

// Whose turn it is among the workers: colleagues behind one address are told apart by what they
// sign in with.
WorkerLane::Client client_of(const Request& request) {
  for (const char* name : {"authorization", "cookie"}) {
    const std::string_view value = request.header(name);
    if (!value.empty()) return std::hash<std::string_view>()(value);
  }
  return std::hash<std::string>()(request.remote_address);
}

}  // namespace

Connection::Connection(IoThread& thread, Descriptor socket, const IpAddress& peer)
    : thread_(thread),
      context_(thread.context),
      transport_(std::move(socket), thread.context.tls),
      peer_(peer),
      peer_text_(peer.text()),
      scanner_(thread.context.options.head) {}

Connection::~Connection() = default;

void Connection::start() {
  state_ = transport_.is_tls() ? State::Handshake : State::Head;
  idle_since_ = thread_.loop.now();
  set_deadline(context_.options.deadlines.header);
  events_ = EPOLLIN;
  thread_.loop.add(transport_.fd(), events_, this);
}

void Connection::want(std::uint32_t events) {
  if (events == events_ || state_ == State::Closed) return;
  events_ = events;
  thread_.loop.modify(transport_.fd(), events, this);
}

void Connection::consume(std::size_t bytes) {
  in_offset_ += bytes;
  if (in_offset_ < in_.size()) return;
  in_.clear();
  in_offset_ = 0;
  if (in_.capacity() > kKeepCapacity) in_.shrink_to_fit();
}

void Connection::on_events(std::uint32_t events) {
  const auto self = shared_from_this();
  try {
    if ((events & EPOLLIN) != 0) readable_ = true;
    const bool gone = (events & (EPOLLERR | EPOLLHUP)) != 0;
    switch (state_) {
      case State::Closed:
        return;
      case State::Handling:
        // Nobody waits for the answer any more, or the peer sends ahead: look at that later.
        if (gone) {
          close();
        } else {
          want(0);
        }
        return;
      case State::Lingering:
        return discard_input();
      case State::Streaming:
        if (gone) return close();
        if (readable_) discard_input();
        if (state_ == State::Streaming) flush_stream();
        return;
      case State::Writing:
        if (gone) return close();
        if ((events & EPOLLOUT) == 0 && !transport_.blocked_on_read()) {
          return want(events_ & ~static_cast<std::uint32_t>(EPOLLIN));
        }
        return drive();
      default:
        if (gone) readable_ = true;  // reading tells why
        return drive();
    }
  } catch (...) {
    close();
    throw;
  }
}

void Connection::drive() {
  for (int step = 0; step < kStepsPerTurn; ++step) {
    bool advanced = false;
    switch (state_) {
      case State::Handshake:
        if (!advance_handshake()) return;
        continue;
      case State::Head:
        advanced = advance_head();
        break;
      case State::Body:
        advanced = advance_body();
        break;
      case State::Writing:
        if (!flush()) return;
        finish_response();
        continue;
      default:
        return;
    }
    if (advanced) continue;
    switch (fill()) {
      case Fill::Got:
        continue;
      case Fill::Blocked:
        return;
      case Fill::Closed:
        return close();
    }
  }
  thread_.loop.post([self = shared_from_this()] { self->drive(); });
}

bool Connection::advance_handshake() {
  const TransportResult result = transport_.handshake();
  switch (result.kind) {
    case TransportResult::Kind::Ok:
      state_ = State::Head;
      want(EPOLLIN);
      return true;
    case TransportResult::Kind::WouldBlock:
      want(transport_.blocked_on_write() ? EPOLLOUT : EPOLLIN);
      return false;
    default:
      close();
      return false;
  }
}

Connection::Fill Connection::fill() {
  if (!readable_) {
    want(EPOLLIN);
    return Fill::Blocked;
  }
  char* scratch = thread_.loop.scratch();
  const TransportResult result = transport_.read(scratch, EventLoop::kScratchBytes);
  switch (result.kind) {
    case TransportResult::Kind::Ok:
      // TLS may hold more bytes that epoll does not know of.
      if (!transport_.is_tls() && result.bytes < EventLoop::kScratchBytes) readable_ = false;
      if (in_offset_ > 0) {
        in_.erase(0, in_offset_);
        in_offset_ = 0;
      }
      in_.append(scratch, result.bytes);
      return Fill::Got;
    case TransportResult::Kind::WouldBlock:
      readable_ = false;
      want(transport_.blocked_on_write() ? EPOLLIN | EPOLLOUT : EPOLLIN);
      return Fill::Blocked;
    default:
      return Fill::Closed;
  }
}

bool Connection::advance_head() {
  const std::string_view buffer = input();
  if (buffer.empty()) return false;
  if (!head_started_) {
    head_started_ = true;
    set_deadline(context_.options.deadlines.header);
  }
  switch (scanner_.scan(buffer)) {
    case HeadScanner::State::NeedMore:
      return false;
    case HeadScanner::State::Refused:
      exchange_ = std::make_shared<Exchange>(context_);
      refuse(scanner_.refusal());
      return true;
    default:
      break;
  }
  const std::size_t length = scanner_.length();
  begin_request(buffer.substr(0, length));
  consume(length);
  scanner_.reset();
  head_started_ = false;
  if (state_ == State::Head) begin_body();
  return true;
}

// Everything that decides who asks and how much is taken from the header section here, before any
// body byte is read.
void Connection::begin_request(std::string_view head) {
  exchange_ = std::make_shared<Exchange>(context_);
  exchange_->started = thread_.loop.now();
  Request& request = exchange_->request;
  request.remote_address = peer_text_;
  request.tls = transport_.is_tls();
  request.id = context_.next_request_id();
  if (const Refusal refusal = parse_head(head, context_.rules, request, exchange_->framing)) {
    return refuse(refusal);
  }
  exchange_->reusable = exchange_->framing.keep_alive;
  if (!context_.trusted_proxies.empty()) apply_forwarding(request);
  if (!context_.options.admit) return;
  auto answer = context_.options.admit(request);
  if (!answer) return;
  exchange_->answer(std::move(*answer));
  // The body is not read, so what follows on this connection is not a request.
  if (exchange_->framing.has_body()) exchange_->reusable = false;
  start_response();
}

// Believes the last hop that is not itself a trusted proxy.
void Connection::apply_forwarding(Request& request) const {
  if (!contains(context_.trusted_proxies, peer_)) return;
  std::string chain;
  for (const auto& [name, value] : request.headers) {
    if (name == "x-forwarded-for") chain += chain.empty() ? value : "," + value;
    if (name == "x-forwarded-proto") request.tls = value == "https";
  }
  while (!chain.empty()) {
    const std::size_t comma = chain.rfind(',');
    std::string_view hop =
        std::string_view(chain).substr(comma == std::string::npos ? 0 : comma + 1);
    while (!hop.empty() && hop.front() == ' ') hop.remove_prefix(1);
    const auto address = IpAddress::parse(hop);
    if (!address) return;
    request.remote_address = address->text();
    if (!contains(context_.trusted_proxies, *address)) return;
    chain.resize(comma == std::string::npos ? 0 : comma);
  }
}

void Connection::begin_body() {
  const ServerOptions& options = context_.options;
  if (!exchange_->framing.has_body()) return dispatch();
  const std::uint64_t limit =
      options.body_limit_for ? options.body_limit_for(exchange_->request) : options.body_limit;
  decoder_ = BodyDecoder(exchange_->framing, limit);
  if (decoder_.refusal()) return refuse(decoder_.refusal());
  state_ = State::Body;
  body_received_ = 0;
  phase_started_ = thread_.loop.now();
  deadline_ = phase_started_ + options.deadlines.body;
  if (!exchange_->framing.expects_continue || !input().empty()) return;
  const TransportResult sent = transport_.write(kContinue.data(), kContinue.size(), nullptr, 0);
  // Nothing else is on its way, so a socket that cannot take these bytes at once is of no use.
  if (sent.kind != TransportResult::Kind::Ok || sent.bytes != kContinue.size()) close();
}

bool Connection::advance_body() {
  std::string_view rest = input();
  const std::size_t before = rest.size();
  auto decoded = BodyDecoder::State::NeedMore;
  Refusal refusal;
  do {
    std::string_view piece;
    decoded = decoder_.feed(rest, piece);
    body_received_ += piece.size();
    if (!piece.empty()) refusal = exchange_->store(piece);
  } while (!refusal && decoded == BodyDecoder::State::NeedMore && !rest.empty());
  consume(before - rest.size());
  if (!refusal) refusal = decoder_.refusal();
  if (refusal) {
    refuse(refusal);
    return true;
  }
  if (decoded == BodyDecoder::State::Done) {
    dispatch();
    return true;
  }
  deadline_ = phase_started_ + context_.options.deadlines.body + earned(body_received_);
  return false;
}

void Connection::dispatch() {
  const ServerOptions& options = context_.options;
  const Lane lane = options.lane ? options.lane(exchange_->request) : Lane::Normal;
  if (lane == Lane::Inline) {
    exchange_->handle(thread_.loop);
    return start_response();
  }
  state_ = State::Handling;
  deadline_ = SteadyTime::max();
  exchange_->queued = thread_.loop.now();
  WorkerLane& workers = lane == Lane::Slow ? *context_.slow : *context_.normal;
  Gauge& waiting = lane == Lane::Slow ? context_.slow_waiting : context_.normal_waiting;
  const auto client = client_of(exchange_->request);
  const bool accepted =
      workers.submit(client, [self = shared_from_this(), exchange = exchange_]() mutable {
        const auto waited = std::chrono::steady_clock::now() - exchange->queued;
        if (waited > exchange->context.options.deadlines.queue) {
          exchange->answer(exchange->context.refusal(503, "queue_age", &exchange->request));
        } else {
          exchange->handle(self->thread_.loop);
        }
        // Both go back whole: what belongs to the I/O thread must also be destroyed there.
        EventLoop& loop = self->thread_.loop;
        loop.post(
            [connection = std::move(self), done = std::move(exchange)] { connection->complete(); });
      });
  waiting.set(static_cast<std::int64_t>(workers.waiting()));
  if (accepted) return;
  thread_.count_refusal("queue_full", exchange_->request.remote_address);
  exchange_->answer(context_.refusal(503, "queue_full", &exchange_->request));
  start_response();
}

void Connection::complete() {
  if (state_ != State::Handling) return;  // the peer left meanwhile
  try {
    start_response();
    drive();
  } catch (...) {
    close();
    throw;
  }
}

void Connection::refuse(Refusal refusal) {
  thread_.count_refusal(refusal.reason, peer_text_);
  if (exchange_->request.id.empty()) exchange_->request.id = context_.next_request_id();
  if (exchange_->started == SteadyTime()) exchange_->started = thread_.loop.now();
  exchange_->answer(context_.refusal(refusal.status, refusal.reason, &exchange_->request));
  exchange_->reusable = false;
  start_response();
}

void Connection::start_response() {
  Exchange& exchange = *exchange_;
  if (context_.stopping.load(std::memory_order_relaxed) || exchange.stream)
    exchange.reusable = false;
  out_.clear();
  const auto write_head = [&] {
    ResponseHead head;
    const bool has_file = static_cast<bool>(exchange.file);
    const std::string_view static_body = exchange.response.static_body;
    body_ = static_body.data() != nullptr ? static_body : std::string_view(exchange.response.body);
    file_left_ = has_file ? exchange.file_size : 0;
    if (!exchange.stream && !answer_has_no_body(exchange.response.status)) {
      head.content_length = body_.size() + file_left_;
    }
    head.keep_alive = exchange.reusable;
    head.date = thread_.date();
    head.request_id = exchange.request.id;
    head.defaults = &context_.options.headers;
    return append_response_head(out_, exchange.response, head);
  };
  if (!write_head()) {
    exchange.answer(context_.refusal(500, "response_header", &exchange.request));
    write_head();
  }
  if (exchange.request.method == "HEAD" || answer_has_no_body(exchange.response.status)) {
    body_ = {};
    file_left_ = 0;
  }
  head_size_ = out_.size();
  if (transport_.is_tls() && !body_.empty() && body_.size() <= kTlsCoalesce) {
    out_ += body_;
    body_ = {};
  }
  sent_ = 0;
  file_offset_ = 0;
  state_ = State::Writing;
  phase_started_ = thread_.loop.now();
  set_write_deadline();
}

// Both a pause and a trickle end the connection.
void Connection::set_write_deadline() {
  const Deadlines& deadlines = context_.options.deadlines;
  deadline_ = std::min(thread_.loop.now() + deadlines.write_stall,
                       phase_started_ + deadlines.write_stall + earned(sent_ + file_offset_));
}

std::chrono::milliseconds Connection::earned(std::uint64_t bytes) const {
  std::uint64_t rate = std::max<std::uint64_t>(context_.options.deadlines.body_rate, 1);
  if (context_.crowded.load(std::memory_order_relaxed)) rate *= kCrowdedRate;
  return std::chrono::milliseconds(bytes * 1000 / rate);
}

bool Connection::flush() {
  std::size_t this_turn = 0;
  while (true) {
    TransportResult result;
    const bool from_memory = sent_ < out_.size() + body_.size();
    if (from_memory) {
      const std::size_t head_sent = std::min<std::size_t>(sent_, out_.size());
      const std::size_t body_sent = sent_ - head_sent;
      result = transport_.write(out_.data() + head_sent, out_.size() - head_sent,
                                body_.data() + body_sent, body_.size() - body_sent);
    } else if (file_left_ > 0) {
      const std::size_t size = std::min<std::uint64_t>(file_left_, kBytesPerTurn);
      result = transport_.write_file(exchange_->file.get(), file_offset_, size,
                                     thread_.loop.scratch(), EventLoop::kScratchBytes);
    } else {
      return true;
    }
    if (result.kind == TransportResult::Kind::Closed) {
      close();
      return false;
    }
    if (result.kind == TransportResult::Kind::Ok) {
      (from_memory ? sent_ : file_offset_) += result.bytes;
      if (!from_memory) file_left_ -= result.bytes;
      this_turn += result.bytes;
      set_write_deadline();
      if (this_turn < kBytesPerTurn) continue;
    }
    if (sent_ == out_.size() + body_.size() && file_left_ == 0) return true;
    want(transport_.blocked_on_read() ? EPOLLIN | EPOLLOUT : EPOLLOUT);
    return false;
  }
}

void Connection::finish_response() {
  thread_.count(*exchange_, sent_ - head_size_ + file_offset_);
  if (exchange_->stream && exchange_->request.method != "HEAD") return start_stream();
  const bool reusable = exchange_->reusable;
  body_ = {};
  out_.clear();
  if (out_.capacity() > kKeepCapacity) out_.shrink_to_fit();
  exchange_.reset();
  if (!reusable) return linger();
  state_ = State::Head;
  idle_since_ = thread_.loop.now();
  deadline_ = idle_since_ + context_.options.deadlines.idle;
}

// Closing a socket with unread bytes would make the kernel destroy our last answer, so the peer
// gets time to read it.
void Connection::linger() {
  end_stream();
  transport_.finish_writing();
  in_ = std::string();
  in_offset_ = 0;
  state_ = State::Lingering;
  set_deadline(context_.options.deadlines.linger);
  want(EPOLLIN);
}

void Connection::discard_input() {
  const TransportResult result = transport_.read(thread_.loop.scratch(), EventLoop::kScratchBytes);
  if (result.kind == TransportResult::Kind::Closed) return close();
  if (result.kind == TransportResult::Kind::WouldBlock) readable_ = false;
  if (state_ != State::Streaming) return;
  stream_input_ += result.bytes;
  if (stream_input_ > EventLoop::kScratchBytes) close();
}

void Connection::on_tick() {
  if (thread_.loop.now() < deadline_) return;
  const auto self = shared_from_this();
  switch (state_) {
    case State::Head:
      if (context_.stopping.load(std::memory_order_relaxed) && !head_started_) return drain();
      if (!head_started_) return close();
      exchange_ = std::make_shared<Exchange>(context_);
      refuse({408, "header_deadline"});
      return drive();
    case State::Body:
      refuse({408, "body_deadline"});
      return drive();
    case State::Writing:
      thread_.count_refusal("write_stall", peer_text_);
      return close();
    case State::Streaming:
      return on_stream_deadline();
    case State::Handling:
    case State::Closed:
      return;
    default:
      return close();
  }
}

void Connection::drain() {
  const auto self = shared_from_this();
  if (state_ == State::Streaming) return exchange_->stream->close();
  if (state_ != State::Handshake && (state_ != State::Head || head_started_)) return;
  // A request may already be in the socket; then it is served, with "Connection: close".
  readable_ = true;
  drive();
  if (state_ != State::Handshake && (state_ != State::Head || head_started_)) return;
  const SteadyTime patience = idle_since_ + kMayBeSending;
  if (thread_.loop.now() < patience) {
    deadline_ = patience;
    return;
  }
  if (state_ == State::Handshake) return close();
  linger();
}

void Connection::make_room(std::chrono::milliseconds at_least) {
  if (state_ != State::Head && state_ != State::Handshake) return;
  const bool begun = state_ == State::Handshake || head_started_;
  const SteadyTime since = begun ? deadline_ - context_.options.deadlines.header : idle_since_;
  if (thread_.loop.now() - since < (begun ? 2 * at_least : at_least)) return;
  if (begun) thread_.count_refusal("header_crowded", peer_text_);
  close();
}

void Connection::close() {
  if (state_ == State::Closed) return;
  const auto self = shared_from_this();
  end_stream();
  // While it is being handled, the exchange is the worker's; complete() then drops it.
  const bool ours = state_ != State::Handling;
  state_ = State::Closed;
  if (ours && exchange_ && exchange_->stream) exchange_->stream->detach();
  exchange_.reset();
  thread_.loop.remove(transport_.fd());
  transport_.close();
  thread_.forget(*this);
}

}  // namespace kehai::http
