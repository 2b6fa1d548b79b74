-- What wrk does for a case, given as the arguments after the address: the mix (`list:70,read:15`), the file with
-- the users' ids and tokens, how many of them have tasks, how many tasks each, how far the ids of one user's tasks are from
-- those of the next one's, a seed, and the milliseconds that a connection pauses before a request, on average.
-- Prints the outcome as a line of JSON.

local find, match, sub, random, format = string.find, string.match, string.sub, math.random, string.format

local threads = {}

function setup(thread)
  threads[#threads + 1] = thread
end

function init(args)
  wrong, created, serial = 0, 0, 0
  kinds = {}
  for kind, share in string.gmatch(args[1], "(%a+):(%d+)") do
    for _ = 1, share do kinds[#kinds + 1] = kind end
  end
  ids, heads = {}, {}
  for line in io.lines(args[2]) do
    local id, token = match(line, "^(%S+) (%S+)$")
    ids[#ids + 1] = id
    heads[#heads + 1] = " HTTP/1.1\r\nHost: " .. wrk.host .. ":" .. wrk.port .. "\r\nAuthorization: Bearer " .. token .. "\r\n"
  end
  users, per_user, distance = tonumber(args[3]), tonumber(args[4]), tonumber(args[5])
  count = '"count":' .. per_user
  lists_only = #kinds == 100 and kinds[1] == "list" and kinds[100] == "list"
  math.randomseed(tonumber(args[6]))
  run = args[6]
  local pause = tonumber(args[7])
  if pause > 0 then
    function delay() return random(0, 2 * pause) end
  end
end

local function with_body(method, path, head, body)
  return method .. path .. head .. "Content-Type: application/json\r\nContent-Length: " .. #body .. "\r\n\r\n" .. body
end

function request()
  local kind = kinds[random(100)]
  if kind == "create" then
    -- by users of their own, who come after those whose lists are measured
    local u = users + random(#ids - users)
    serial = serial + 1
    local body = '{"title":"Buy groceries ' .. run .. "-" .. serial .. '","description":"Milk, eggs, bread and something for Sunday"}'
    return with_body("POST", " /api/" .. ids[u] .. "/tasks", heads[u], body)
  end
  local u = random(users)
  local path = " /api/" .. ids[u] .. "/tasks"
  if kind == "list" then return "GET" .. path .. heads[u] .. "\r\n" end
  local n = random(per_user)
  local task = path .. "/" .. format("%d", (u - 1) * distance + n)
  if kind == "read" then return "GET" .. task .. heads[u] .. "\r\n" end
  if kind == "toggle" then return "PATCH" .. task .. "/complete" .. heads[u] .. "\r\n" end
  serial = serial + 1
  return with_body("PUT", task, heads[u], '{"title":"Water the plants, again ' .. run .. "-" .. serial .. '"}')
end

-- wrk does not say which request an answer belongs to; that each is the right one is checked apart, request by request.
function response(status, _, body)
  if status == 201 then created = created + 1 end
  local is_list = find(body, '^{"tasks"') or find(body, '^{"count"')
  if status > 201 or (lists_only and not is_list) or not find(body, '"user_id":"user-', 1, true) then
    wrong = wrong + 1
  elseif is_list and not (find(body, count, -#count - 1, true) or find(body, count, 1, true)) then
    wrong = wrong + 1
  end
end

function done(summary, latency)
  local all_wrong, all_created = 0, 0
  for _, thread in ipairs(threads) do
    all_wrong = all_wrong + thread:get("wrong")
    all_created = all_created + thread:get("created")
  end
  local errors = summary.errors
  io.write(format(
    '\noutcome {"requests":%d,"duration":%.6f,"latency":{"p50":%.3f,"p95":%.3f,"p99":%.3f},"wrong":%d,"failed":%d,"created":%d}\n',
    summary.requests, summary.duration / 1e6,
    latency:percentile(50) / 1e3, latency:percentile(95) / 1e3, latency:percentile(99) / 1e3,
    all_wrong, errors.connect + errors.read + errors.write + errors.timeout, all_created
  ))
end
