-- What measuring.mjs has wrk send: the requests of a file, one after the other and from the start again, whichever connection is free.
-- Arguments: the file ("bytes\n" and that many bytes, again and again) and the one for the result (JSON; times in µs).
local requests, at = {}, 0

function init(arguments)
  local file = assert(io.open(arguments[1], 'rb'))
  for length in function() return file:read('*number') end do
    file:read(1)
    requests[#requests + 1] = file:read(length)
  end
  file:close()
  result = arguments[2]
end

function setup(thread)
  threads = thread
end

function request()
  at = at % #requests + 1
  return requests[at]
end

function done(summary, latency)
  local errors = summary.errors
  local file = assert(io.open(threads:get('result'), 'w'))
  file:write(string.format('{"requests":%d,"duration":%d,"refused":%d,"broken":%d,"p50":%d,"p99":%d}',
    summary.requests, summary.duration, errors.status, errors.connect + errors.read + errors.write + errors.timeout,
    latency:percentile(50), latency:percentile(99)))
  file:close()
end
