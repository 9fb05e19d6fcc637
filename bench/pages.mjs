#!/usr/bin/env node
// How long every kind of page takes on a seeded server, for a seller with few rows, a department's manager and an administrator.
//
//   kehai seed --data DIR --accounts 200000 --opportunities 200000   (prints the logins)
//   kehai serve --data DIR --listen 127.0.0.1:8420 &
//   node bench/pages.mjs --origin http://127.0.0.1:8420 --password … --admin … --manager … [--seller …] [--runs 15]
//
// The seller "bench183" is made on the first run and gets 183 accounts and their opportunities. Times are what this client
// waits for on loopback, in milliseconds: the first request, then the median and the slowest of the others. A line over the limit
// (--limit 50) is marked and the exit status is 1. --pid of the server (and of PostgreSQL's, with a
// comma) adds their CPU time per request (in steps of 10 ms / runs), which says more than waiting times when others use the machine; with it the limit holds for CPU time.
import { readFileSync, readdirSync } from "node:fs";
import { parseArgs } from "node:util";

const { values: options } = parseArgs({
  options: {
    origin: { type: "string", default: "http://127.0.0.1:8420" },
    password: { type: "string", default: "" },
    admin: { type: "string", default: "admin" },
    manager: { type: "string", default: "" },
    seller: { type: "string", default: "" },
    runs: { type: "string", default: "15" },
    depth: { type: "string", default: "100000" },
    limit: { type: "string", default: "50" },
    only: { type: "string", default: "" },
    pid: { type: "string", default: "" },
  },
});
const runs = Number(options.runs);
const limit = Number(options.limit);
const smallScope = 183;
// What the cards of the web UI show.
const boardFields = `?$select=id,name,status,owner_id,currency,account_id,stage_id,stagnant_since,amount,expected_close_date,last_activity_at`;

class Person {
  constructor(label, login) {
    this.label = label;
    this.login = login;
  }
  async signIn(password) {
    const answer = await fetch(`${options.origin}/api/v1/session`, {
      method: "POST",
      headers: { "Content-Type": "application/json", Origin: options.origin },
      body: JSON.stringify({ login: this.login, password }),
    });
    if (!answer.ok) throw new Error(`${this.login}: ${answer.status} ${await answer.text()}`);
    this.cookie = answer.headers.getSetCookie().map((line) => line.split(";")[0]).join("; ");
    this.token = (await answer.json()).csrf_token;
    return this;
  }
  async request(method, path, body) {
    const url = path.startsWith("http") ? path : options.origin + (path.startsWith("/api/") ? "" : "/api/v1") + path;
    const headers = { Cookie: this.cookie, Origin: options.origin };
    if (method !== "GET") Object.assign(headers, { "Content-Type": "application/json", "X-CSRF-Token": this.token });
    const start = performance.now();
    const answer = await fetch(url, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    const time = performance.now() - start;
    return { status: answer.status, text, time };
  }
  async json(method, path, body) {
    const { status, text } = await this.request(method, path, body);
    if (status >= 300) throw new Error(`${method} ${path}: ${status} ${text.slice(0, 400)}`);
    return text ? JSON.parse(text) : null;
  }
}

const query = (parameters) =>
  "?" + Object.entries(parameters).map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join("&");

// A seller who sees 183 accounts and what hangs on them.
async function smallSeller(admin, password) {
  const found = await admin.json("GET", "/users" + query({ $filter: "login eq 'bench183'", $select: "id" }));
  let id = found.value[0]?.id;
  if (!id) {
    const role = await admin.json("GET", "/roles" + query({ $filter: "name eq 'sales'", $select: "id" }));
    const department = await admin.json("GET", "/departments" + query({ $top: 1, $select: "id" }));
    const user = await admin.json("POST", "/users", {
      login: "bench183",
      name: "Bench",
      password,
      department_id: department.value[0].id,
      role_ids: [role.value[0].id],
    });
    id = user.id;
  }
  for (const collection of ["accounts", "opportunities"]) {
    const own = await admin.json("GET", `/${collection}` + query({ $filter: `owner_id eq ${id}`, $top: 1, $select: "id" }));
    if (own.value.length > 0) continue;
    const filter = collection === "accounts" ? "owner_id ne null" : "status eq 'open'";
    const page = await admin.json("GET", `/${collection}` + query({ $filter: filter, $top: smallScope, $select: "id" }));
    const ids = page.value.map((row) => row.id);
    for (let at = 0; at < ids.length; at += 100) {
      const moved = await admin.json("POST", `/${collection}/transfer`, { ids: ids.slice(at, at + 100), owner_id: id });
      if (moved.failed.length > 0) throw new Error(`transfer: ${JSON.stringify(moved.failed[0])}`);
    }
  }
}

// The link to the page about `depth` rows in, or the last full one before the end.
async function deepLink(person, path) {
  let link = `${path}${path.includes("?") ? "&" : "?"}$top=500&$select=id`;
  let last = "";
  for (let rows = 0; rows < Number(options.depth); rows += 500) {
    const page = await person.json("GET", link);
    if (!page["@odata.nextLink"]) break;
    link = page["@odata.nextLink"];
    last = link;
  }
  return last.replace(/([?&])(\$|%24)top=500/, "$1$top=50").replace(/&(\$|%24)select=id/, "");
}

// Of the processes named by --pid and their children: PostgreSQL's server has one per connection.
function cpuMilliseconds() {
  const wanted = new Set(options.pid.split(",").filter(Boolean));
  if (wanted.size === 0) return 0;
  let ticks = 0;
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, "utf8").replace(/^.*\) /s, "").split(" ");
      if (wanted.has(pid) || wanted.has(fields[1])) ticks += Number(fields[11]) + Number(fields[12]);
    } catch {
      // The process ended meanwhile.
    }
  }
  return ticks * 10;
}

const rows = [];
async function measure(person, name, path, method = "GET", body) {
  if (!path || (options.only && !name.includes(options.only))) return;
  const cpuFirst = cpuMilliseconds();
  const first = await person.request(method, path, body);
  const cpu = cpuMilliseconds();
  const times = [];
  for (let i = 0; i < runs; ++i) times.push((await person.request(method, path, body)).time);
  const used = (cpuMilliseconds() - cpu) / runs;
  times.sort((a, b) => a - b);
  const row = {
    who: person.label,
    page: name,
    status: first.status,
    first: first.time,
    median: times[Math.floor(times.length / 2)],
    slowest: times[times.length - 1],
    cpu: used,
    kilobytes: first.text.length / 1024,
  };
  const [fresh, usual] = options.pid ? [cpu - cpuFirst, used] : [row.first, row.median];
  // The sums of a workbench are kept; making them may take twice as long as a page.
  row.over = row.status !== 200 || usual > limit || fresh > (name.startsWith("workbench") ? 2 * limit : limit);
  rows.push(row);
  const cells = [row.first, row.median, row.slowest, row.cpu, row.kilobytes].map((value) => value.toFixed(1).padStart(9));
  console.log(`${person.label.padEnd(9)}${name.padEnd(44)}${row.status}${cells.join("")}${row.over ? "  << over" : ""}`);
}

async function walk(person, meta) {
  for (const collection of ["accounts", "opportunities", "leads", "contacts", "tasks", "activities"]) {
    const object = meta.find((candidate) => candidate.collection === collection);
    if (!object) continue;
    await measure(person, `${collection} list`, `/${collection}`);
    await measure(person, `${collection} list, bounded count`, `/${collection}?count=bounded`);
    if (collection === "accounts" || collection === "opportunities") {
      await measure(person, `${collection} list, deep`, await deepLink(person, `/${collection}`));
      await measure(person, `${collection} count`, `/${collection}/$count`);
      const orders = collection === "accounts" ? ["created_at", "name", "next_contact_at"] : ["expected_close_date", "amount"];
      for (const order of orders) {
        for (const way of ["asc", "desc"]) {
          await measure(person, `${collection} by ${order} ${way}`, `/${collection}` + query({ $orderby: `${order} ${way}` }));
        }
      }
      const deep = await deepLink(person, `/${collection}` + query({ $orderby: `${orders[1] ?? orders[0]} asc` }));
      await measure(person, `${collection} by ${orders[1] ?? orders[0]}, deep`, deep);
    }
    for (const view of object.views ?? []) {
      const parameters = {};
      if (view.filter) parameters.$filter = view.filter;
      if (view.orderby) parameters.$orderby = view.orderby;
      await measure(person, `${collection} view ${view.name}`, `/${collection}` + query(parameters));
    }
  }
  const account = (await person.json("GET", "/accounts?$top=1&$select=id")).value[0]?.id;
  const opportunity = (await person.json("GET", "/opportunities?$top=1&$select=id")).value[0]?.id;
  if (account) {
    await measure(person, "account", `/accounts/${account}`);
    await measure(person, "account, its opportunities", `/accounts/${account}/opportunities`);
    await measure(person, "account, its contacts", `/accounts/${account}/contacts`);
    await measure(person, "account, timeline", `/accounts/${account}/timeline`);
  }
  if (opportunity) await measure(person, "opportunity, expanded", `/opportunities/${opportunity}` + query({ $expand: "account,owner" }));
  await measure(person, "board", "/opportunities/board" + boardFields);
  await measure(person, "board of own", "/opportunities/board" + boardFields + "&owner=me");
  for (const scope of ["me", "department", "all"]) {
    const answer = await person.request("GET", `/workbench?scope=${scope}`);
    if (answer.status === 200) {
      // The first request made the sums; they are kept for ten seconds.
      await new Promise((resolve) => setTimeout(resolve, 10_500));
      await measure(person, `workbench ${scope}`, `/workbench?scope=${scope}`);
    }
  }
  for (const words of ["科技", "华", "hz", "有限公司"]) {
    await measure(person, `search ${words}`, "/search" + query({ q: words }));
    await measure(person, `accounts search ${words}`, "/accounts" + query({ $search: words }));
  }
  await measure(person, "duplicates", "/duplicates", "POST", { object: "account", values: { name: "杭州华星科技有限公司" } });
  await measure(person, "amount by stage", "/opportunities" + query({ $apply: "groupby((stage_id),aggregate(amount with sum as total,$count as n))" }));
}

const admin = await new Person("admin", options.admin).signIn(options.password);
const people = [admin];
if (options.manager) people.unshift(await new Person("manager", options.manager).signIn(options.password));
if (options.seller) {
  people.unshift(await new Person("seller", options.seller).signIn(options.password));
} else {
  await smallSeller(admin, options.password);
  people.unshift(await new Person("seller", "bench183").signIn(options.password));
}
console.log(`${"who".padEnd(9)}${"page".padEnd(44)}   ${["first", "median", "slowest", "CPU", "KiB"].map((head) => head.padStart(9)).join("")}`);
for (const person of people) {
  const meta = await person.json("GET", "/meta");
  await walk(person, meta.objects);
}
const slow = rows.filter((row) => row.over);
console.log(`${rows.length} pages, ${slow.length} over ${limit} ms`);
process.exit(slow.length > 0 ? 1 : 0);
