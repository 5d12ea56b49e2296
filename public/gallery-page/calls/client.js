// Written by tools/pages/page-client.ts from src/client: edit those.
var __defProp = Object.defineProperty;
var __getOwnPropNames = Object.getOwnPropertyNames;
var __esm = (fn, res, err) =>
  function __init() {
    if (err) throw err[0];
    try {
      return (fn && (res = (0, fn[__getOwnPropNames(fn)[0]])((fn = 0))), res);
    } catch (e) {
      throw ((err = [e]), e);
    }
  };
var __export = (target, all) => {
  for (var name in all) __defProp(target, name, { get: all[name], enumerable: true });
};

var SluiceError;
var init_error = __esm({
  "src/client/error.ts"() {
    "use strict";
    SluiceError = class extends Error {
      name = "SluiceError";
      code;
      /** Of the answer; 0 where none came. A refusal before sending has the status that the server's would have. */
      status = 0;
      /** For questions to whoever runs the server; null where nothing was sent. */
      requestId = null;
      /** Seconds after which the server wants to be asked again. */
      retryAfter = null;
      /** Everything that the problem said, such as `limit`. */
      members = {};
      constructor(code, message, { cause, ...facts } = {}) {
        super(message, { cause });
        this.code = code;
        Object.assign(this, facts);
      }
      /** What to do about it, in the server's words; null where it says nothing. */
      get detail() {
        return this.members["detail"] ?? null;
      }
      /** What is wrong with the payload or the address, item by item. */
      get errors() {
        return [this.members["errors"] ?? []].flat();
      }
    };
  },
});

var isBlob, isStream;
var init_platform = __esm({
  "src/client/platform.ts"() {
    "use strict";
    isBlob = (file) => "slice" in file;
    isStream = (file) => "stream" in file && !isBlob(file);
  },
});

var form_body_exports = {};
__export(form_body_exports, {
  readStream: () => readStream,
  toFetchBody: () => toFetchBody,
});
async function toFetchBody(request, headers, moved) {
  const { files } = request;
  const canStream = "ReadableStream" in globalThis && !("registration" in globalThis);
  if (!canStream || files.some(({ file }) => "uri" in file)) return { body: await toFormData(request) };
  const boundary = `sluice-${crypto.randomUUID()}`;
  headers.set("Content-Type", `multipart/form-data; boundary=${boundary}`);
  return { body: toFormStream(request, boundary, moved), duplex: "half" };
}
function toFormStream(request, boundary, moved) {
  const total = request.files.reduce((sum, { file }) => sum + (file.size ?? 0), 0);
  let loaded = 0;
  const parts = writeForm(request, boundary, (bytes) => moved({ loaded: (loaded += bytes), total }));
  return new ReadableStream({
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done === true) controller.close();
      else controller.enqueue(value);
    },
    // Ends the file's own stream as well.
    cancel: () => parts.return(void 0).then(() => void 0),
  });
}
async function* writeForm({ fields, files }, boundary, count) {
  const encoder = new TextEncoder();
  const head = (field, more = "") => `--${boundary}\r
Content-Disposition: form-data; name=${quote(field)}${more}\r
\r
`;
  for (const [name, value] of fields)
    yield encoder.encode(`${head(name)}${value}\r
`);
  for (const { field, file } of files) {
    const { name = field, type } = file;
    const contentType = type.replace(/[\r\n]/g, "") || "application/octet-stream";
    yield encoder.encode(
      head(
        field,
        `; filename=${quote(name)}\r
Content-Type: ${contentType}`,
      ),
    );
    const reader = bytesOf(file).getReader();
    try {
      for (let read = await reader.read(); !read.done; read = await reader.read()) {
        count(read.value.byteLength);
        yield read.value;
      }
    } finally {
      reader.cancel().catch(() => void 0);
    }
    yield encoder.encode("\r\n");
  }
  yield encoder.encode(`--${boundary}--\r
`);
}
async function readStream(file) {
  let bytes = 0;
  const bounded = new TransformStream({
    transform(chunk, controller) {
      bytes += chunk.byteLength;
      if (bytes > file.size)
        throw new SluiceError("file_changed", `"${file.name}" has more than ${String(file.size)} bytes`);
      controller.enqueue(chunk);
    },
  });
  return new Blob([await new Response(openStream(file).pipeThrough(bounded)).arrayBuffer()], { type: file.type });
}
var quote, openStream, bytesOf;
var init_form_body = __esm({
  "src/client/request/form-body.ts"() {
    "use strict";
    init_error();
    init_form();
    init_platform();
    quote = (name) => `"${name.replace(/\r\n?|\n/g, "%0D%0A").replace(/"/g, "%22")}"`;
    openStream = ({ stream }) => (typeof stream === "function" ? stream() : stream);
    bytesOf = (file) => (isBlob(file) ? file.stream() : openStream(file));
  },
});

async function toFormData({ fields, files }) {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  for (const { field, file } of files) {
    const blob = isStream(file)
      ? await (await Promise.resolve().then(() => (init_form_body(), form_body_exports))).readStream(file)
      : file;
    form.append(field, blob, file.name ?? field);
  }
  return form;
}
var init_form = __esm({
  "src/client/request/form.ts"() {
    "use strict";
    init_platform();
  },
});

init_error();
function orAbort(work, signal) {
  return new Promise((resolve, reject) => {
    const stop = () => reject(new SluiceError("aborted", "Aborted", { cause: signal?.reason }));
    if (signal?.aborted === true) return stop();
    signal?.addEventListener("abort", stop);
    work()
      .finally(() => signal?.removeEventListener("abort", stop))
      .then(resolve, reject);
  });
}
var sleep = (milliseconds, signal) =>
  orAbort(() => new Promise((resolve) => setTimeout(resolve, milliseconds)), signal);

init_error();

var NAME = "sluice-keys";
var KEPT_MS = 36e5;
var random = () => Math.random().toString(36).slice(2);
var makeKey = () => random() + random();
function createKeys(storage) {
  const running = /* @__PURE__ */ new Set();
  let last = Promise.resolve();
  const change = (edit) => {
    const work = async () => {
      let text = storage?.getItem(NAME);
      if (text instanceof Promise) text = await text;
      const all = Object.entries(JSON.parse(text ?? "{}"));
      const kept = Object.fromEntries(all.filter(([, [, madeAt]]) => Date.now() - madeAt < KEPT_MS));
      edit(kept);
      await storage?.setItem(NAME, JSON.stringify(kept));
    };
    return (last = last.then(work).catch(() => void 0));
  };
  return async (name) => {
    const isOwn = !running.has(name);
    let value = makeKey();
    if (isOwn) {
      running.add(name);
      await change((kept) => {
        [value] = kept[name] ??= [value, Date.now()];
      });
    }
    return {
      value,
      async settle(isKnown) {
        if (!isOwn) return;
        running.delete(name);
        if (isKnown) await change((kept) => void delete kept[name]);
      },
    };
  };
}

init_platform();

init_error();
function gatherFiles(files = []) {
  const named = Array.isArray(files) ? { file: files } : files;
  return Object.entries(named).flatMap(([field, given]) => [given ?? []].flat().map((file) => ({ field, file })));
}
var proven = /^(?:image\/(?:png|jpeg|gif|webp)|application\/pdf)$/;
var fits = (type, pattern) =>
  ["*/*", type.replace(/\/.*/, "/*"), type].includes(
    pattern.replace("jpg", "jpeg").replace(/(?:x-|p|a)(?=jpeg|png|pdf)/, ""),
  );
function checkFiles(limits, files) {
  files.forEach(({ field, file }, index) => {
    const rules = limits[field] ?? limits["*"];
    if (rules === void 0) return;
    const { max, bytes, types } = rules;
    const { name = field, size = 1, type } = file;
    const refuseIf = (isWrong, status, code, limit) => {
      if (!isWrong) return;
      const members = { limit, field, file: name };
      throw new SluiceError(code, `"${name}": ${code} (${String(limit)})`, { status, members });
    };
    refuseIf(files.slice(0, index).filter((one) => one.field === field).length >= max, 422, "too_many_files", max);
    refuseIf(size === 0, 422, "file_missing", 1);
    refuseIf(size > bytes, 413, "file_too_large", bytes);
    const isAllowed = !proven.test(type) || types.some((pattern) => fits(type, pattern));
    refuseIf(!isAllowed, 415, "file_type_not_allowed", types);
  });
}

init_error();
function prepareRequest(origin, route, input) {
  const { method, body: kind, files: limits = {} } = route;
  const { body } = input;
  const files = gatherFiles(input.files);
  checkFiles(limits, files);
  const url = addressOf(origin, route, input);
  const isForm = kind === "form" || files.length > 0;
  const json = isForm || method === "GET" ? void 0 : JSON.stringify(body);
  return { method, url, json, fields: isForm ? toFields(body) : [], files };
}
function addressOf(origin, { resource }, { path = {}, query = {} }) {
  const search = toSearch(query);
  return `${origin.replace(/\/$/, "")}/${fillIn(resource, path)}${search && `?${search}`}`;
}
function fillIn(resource, path) {
  return resource.replace(/:(\w+)/g, (_, parameter) => {
    const value = `${path[parameter] ?? ""}`;
    if (/^\.{0,2}$/.test(value)) {
      const members = { parameter };
      throw new SluiceError("parameter_invalid", `"${parameter}" is "${value}"`, { status: 422, members });
    }
    return encodeURIComponent(value);
  });
}
var toSearch = (query) =>
  Object.entries(query)
    .filter(([, value]) => value !== void 0 && value !== null)
    .map((pair) => pair.map(encodeURIComponent).join("="))
    .join("&");
function toFields(body) {
  return Object.entries(body ?? {}).flatMap(([name, value]) => {
    if (value === void 0 || value === null) return [];
    const values = Array.isArray(value) && typeof value[0] === "string" ? value : [value];
    return values.map((item) => [name, typeof item === "string" ? item : JSON.stringify(item)]);
  });
}

init_error();
var BASE_MS = 500;
var MAX_BACKOFF_MS = 2e4;
var MAX_WAIT_SECONDS = 60;
var unread = /rate_limit|maintenance|overloaded/;
function readReply({ status, text, requestId, retryAfter }) {
  let members = {};
  try {
    members = { ...JSON.parse(text) };
  } catch {}
  if (status < 300 && (members["success"] === true || members["status"] === "success")) return members;
  const isProblem = status >= 400 && "code" in members;
  const {
    code,
    title = code,
    detail = title,
  } = isProblem ? members : { code: "bad_answer", detail: `Status ${status}` };
  const seconds = Number(retryAfter) || null;
  throw new SluiceError(String(code), String(detail), { status, requestId, members, retryAfter: seconds });
}
function waitBefore(attempt, error, isSafe) {
  const { code, status, retryAfter } = error;
  const mayPass = isUnsure(error) || status === 408 || status === 429;
  const isLasting = status === 500 && code !== "bad_answer";
  const wait = retryAfter ?? 0;
  if (!mayPass || isLasting || wait > MAX_WAIT_SECONDS || !(isSafe || unread.test(code))) return null;
  const backoff = Math.min(MAX_BACKOFF_MS, BASE_MS * 2 ** attempt);
  return wait * 1e3 + backoff * (0.5 + Math.random() / 2);
}
var isUnsure = ({ code, status }) => status >= 500 || /^network$|^timeout$|in_flight$/.test(code);

init_error();
init_form();
var TIMEOUT_MS = 6e4;
var MAX_TIMEOUT = 2 ** 31 - 1;
async function sendOnce(request, sending) {
  const { signal, fetch, onProgress, timeout = TIMEOUT_MS } = sending;
  const attempt = new AbortController();
  let timer;
  const stop = () => {
    clearTimeout(timer);
    attempt.abort();
  };
  signal.addEventListener("abort", stop);
  if (signal.aborted) stop();
  try {
    return await new Promise((resolve, reject) => {
      const moved = (progress) => {
        clearTimeout(timer);
        if (attempt.signal.aborted) return;
        const fail = () => reject(new SluiceError("timeout", "Timed out"));
        timer = setTimeout(fail, Math.min(timeout, MAX_TIMEOUT));
        if (progress !== void 0) queueMicrotask(() => onProgress?.(progress));
      };
      moved();
      const isByXhr = request.files.length > 0 && fetch === void 0 && "XMLHttpRequest" in globalThis;
      const send = isByXhr ? sendByXhr : sendByFetch;
      send(request, { ...sending, signal: attempt.signal }, moved).then(resolve, (cause) =>
        explain(request, cause).then(reject),
      );
    });
  } finally {
    signal.removeEventListener("abort", stop);
    stop();
  }
}
async function explain({ files }, cause) {
  if (cause instanceof SluiceError) return cause;
  for (const { file } of files) {
    try {
      await file.slice?.(0, 1).arrayBuffer?.();
    } catch (fault) {
      return new SluiceError("file_changed", `"${file.name ?? ""}" has changed`, { cause: fault });
    }
  }
  return new SluiceError("network", "No answer", { cause });
}
var toReply = (status, text, header) => ({
  status,
  text,
  requestId: header("X-Request-Id"),
  retryAfter: header("Retry-After"),
  isReplayed: header("Idempotent-Replayed") !== null,
});
var replyOf = (xhr) => toReply(xhr.status, xhr.responseText, (name) => xhr.getResponseHeader(name));
async function sendByXhr(request, { signal, headers }, moved) {
  const body = await toFormData(request);
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(request.method, request.url);
    headers.forEach((value, name) => xhr.setRequestHeader(name, value));
    xhr.upload.addEventListener("progress", moved);
    xhr.addEventListener("error", reject);
    xhr.addEventListener("load", () => resolve(replyOf(xhr)));
    signal.addEventListener("abort", () => xhr.abort());
    if (!signal.aborted) xhr.send(body);
  });
}
async function sendByFetch(request, sending, moved) {
  const { signal, headers, fetch: send = globalThis.fetch } = sending;
  const { method, url, json, files } = request;
  let body = { body: json };
  if (json !== void 0) headers.set("Content-Type", "application/json");
  else if (method !== "GET" && files.length + request.fields.length > 0) {
    body = await (
      await Promise.resolve().then(() => (init_form_body(), form_body_exports))
    ).toFetchBody(request, headers, moved);
  }
  const answer = await send(url, { method, signal, headers, ...body });
  moved();
  return toReply(answer.status, await answer.text(), (name) => answer.headers.get(name));
}

var RETRIES = 5;
var IN_FLIGHT_RETRIES = 20;
async function runCall(context, route, input = {}, options = {}) {
  const { origin, token, askToken, takeKey } = context;
  const { signal, onRetry, retries = RETRIES, idempotencyKey } = options;
  const ended = new AbortController();
  let stored;
  let mayBeDone = false;
  const run = async () => {
    const request = prepareRequest(origin, route, input);
    const isReading = request.method === "GET";
    const canRepeat = !request.files.some(({ file }) => isStream(file) && typeof file.stream === "object");
    let key = idempotencyKey;
    let mayRekey = key === void 0 && !isReading && route.token !== null;
    if (mayRekey && request.files.length > 0) stored = takeKey(fingerprintOf(request));
    if (mayRekey) key = (await stored)?.value ?? makeKey();
    let isRefused = false;
    let failed = 0;
    let inFlight = 0;
    const makeHeaders = async () => {
      const headers = new Headers(key === void 0 ? {} : { "Idempotency-Key": key });
      if (route.token === null || token === void 0) return headers;
      try {
        const text = await askToken(isRefused);
        for (const name of route.token.split(" "))
          headers.set(name, /^authorization$/i.test(name) ? `Bearer ${text}` : text);
      } catch (cause) {
        throw new SluiceError("token_failed", "No token", { cause });
      }
      return headers;
    };
    const mend = ({ code }) => {
      isRefused = code === "unauthorized" && !isRefused && typeof token === "function";
      const isReused = code === "idempotency_key_reused";
      const wantsKey = mayRekey && (isReused || code === "idempotency_key_invalid");
      if (wantsKey) {
        key = isReused ? makeKey() : void 0;
        mayRekey = false;
      }
      return isRefused || wantsKey;
    };
    for (;;) {
      try {
        const headers = await makeHeaders();
        const reply = await sendOnce(request, { ...context, ...options, headers, signal: ended.signal });
        const { data, job_id: jobId = null } = readReply(reply);
        mayBeDone = false;
        const { requestId, isReplayed } = reply;
        return { data, jobId, requestId, isReplayed };
      } catch (thrown) {
        const error = thrown;
        mayBeDone ||= isUnsure(error);
        if (!canRepeat) throw error;
        if (mend(error)) continue;
        const isWaiting = error.code === "idempotency_in_flight";
        const milliseconds = waitBefore(isWaiting ? inFlight++ : failed++, error, key !== void 0 || isReading);
        if (milliseconds === null || failed > retries || inFlight > IN_FLIGHT_RETRIES) throw error;
        queueMicrotask(() => onRetry?.(error, milliseconds));
        await sleep(milliseconds, ended.signal);
      }
    }
  };
  try {
    return await orAbort(run, signal);
  } catch (cause) {
    const error = cause instanceof SluiceError ? cause : new SluiceError("request_invalid", String(cause), { cause });
    if (error.code === "aborted") mayBeDone = false;
    throw error;
  } finally {
    ended.abort();
    await (await stored)?.settle(!mayBeDone);
  }
}
var fingerprintOf = ({ url, files }) =>
  JSON.stringify([
    url,
    files.map(({ field, file }) => {
      const { name, size, type, lastModified, uri } = file;
      return [field, name, size, type, lastModified, uri];
    }),
  ]);

init_error();
var FIRST_MS = 500;
function createJobCalls(context, tokenHeader) {
  const job = async (id, options) => {
    const route = { method: "GET", resource: "jobs/:id", token: tokenHeader };
    return (await runCall(context, route, { path: { id } }, options)).data;
  };
  const wait = async (id, options = {}) => {
    for (let milliseconds = FIRST_MS; ; milliseconds += FIRST_MS) {
      const { state, result, problem } = await job(id, options);
      if (state === "done") return result;
      if (state === "dead") {
        const { code = "internal", status = 500, title = "The job failed" } = problem ?? {};
        throw new SluiceError(code, title, { status, members: { ...problem } });
      }
      await sleep(milliseconds, options.signal);
    }
  };
  return { job, wait };
}

function createFileCalls(context) {
  const call = async (address, input, options) => {
    const [method = "", rest = ""] = address.split(" ");
    const route = { method, resource: `v1/upload${rest}`, token: "Authorization" };
    return (await runCall(context, route, input, options)).data;
  };
  const ofOne = (address) => (id, options) => call(address, { path: { id } }, options);
  return {
    upload: (file, options) => call(options?.isPrivate === true ? "POST /private" : "POST", { files: [file] }, options),
    list: (query, options) => call("GET", { query }, options),
    get: ofOne("GET /:id"),
    link: (id, terms, options) => call("GET /url/:id", { path: { id }, query: terms }, options),
    issue: (id, terms = {}, options) => call("POST /:id/links", { path: { id }, body: terms }, options),
    rename: (id, name, options) => call("PATCH /:id", { path: { id }, body: { name } }, options),
    links: ofOne("GET /:id/links"),
    revoke: ofOne("DELETE /:id/links"),
    revokeAll: (options) => call("DELETE /links", {}, options),
    limits: (options) => call("GET /limits", {}, options),
    delete: ofOne("DELETE /:id"),
    restore: ofOne("POST /:id/restore"),
  };
}

init_error();
var createClient = (origin, { endpoints, token, fetch, storage = browserStorage() }) => {
  const asked = {};
  const askToken = (isRefused) => {
    const kind = String(isRefused);
    const ask = async () => (typeof token === "function" ? token(isRefused) : token);
    return (asked[kind] ??= ask().finally(() => delete asked[kind]));
  };
  const context = { origin, token, askToken, takeKey: createKeys(storage), fetch };
  const send = (name, input, options) => runCall(context, endpoints[name], input, options);
  const call = async (...given) => (await send(...given)).data;
  const routes = Object.values(endpoints);
  const tokenHeaders = routes.flatMap((route) => (route.background === true ? (route.token ?? []) : []));
  return {
    call,
    send,
    ...createJobCalls(context, [...new Set(tokenHeaders)].join(" ") || null),
    files: createFileCalls(context),
  };
};
function browserStorage() {
  try {
    return "XMLHttpRequest" in globalThis ? globalThis.localStorage : null;
  } catch {
    return null;
  }
}
export { SluiceError, createClient };
