import { afterEach, expect, test, vi } from "vitest";
import { Refusal } from "../wire/http";
import { questionBoard, questionRun } from "./asking";
import { floatsOf } from "./runFrames";

afterEach(() => vi.unstubAllGlobals());

/** A server that answers with these bytes or words, and remembers what it was asked. */
function answering(body: ArrayBuffer | { detail: string }, status = 200) {
  const asked: [string, unknown][] = [];
  vi.stubGlobal("fetch", async (path: string, init: RequestInit) => {
    asked.push([path, JSON.parse(init.body as string)]);
    return body instanceof ArrayBuffer
      ? new Response(body, { status, headers: { "content-type": "application/octet-stream" } })
      : new Response(JSON.stringify(body), { status, headers: { "content-type": "application/json" } });
  });
  return asked;
}

function answer(): ArrayBuffer {
  const header = { event: "answer", question: "weights", step: 7, about: {}, problem: null };
  const array = { name: "bias", dtype: "float32", shape: [2], offset: 0, lo: [], hi: [] };
  let text = JSON.stringify({ ...header, arrays: [array] });
  text += " ".repeat((8 - (text.length % 8)) % 8);
  const buffer = new ArrayBuffer(8 + text.length + 8);
  new DataView(buffer).setUint32(0, text.length, true);
  new Uint8Array(buffer).set(new TextEncoder().encode(text), 8);
  new Float32Array(buffer, 8 + text.length).set([1.5, -2]);
  return buffer;
}

test("an answer's numbers are those of its bytes", async () => {
  const asked = answering(answer());
  const reply = await questionRun("r1", { question: "weights", node: "out" }, 7);
  expect(asked).toEqual([["/api/runs/r1/ask", { question: { question: "weights", node: "out" }, at: 7 }]]);
  expect(reply.header.step).toBe(7);
  expect([...(floatsOf(reply, "bias")?.data ?? [])]).toEqual([1.5, -2]);
});

test("what cannot be answered is refused in the server's words", async () => {
  answering({ detail: "'act' has no weights." }, 409);
  await expect(questionBoard("b", { question: "weights", node: "act" })).rejects.toEqual(
    new Refusal(409, "'act' has no weights."),
  );
});
