// Captures: what of a request and its response is kept for logs and capture.* fetches (configuration.txt 8.7, 8.8). Slots
// are numbered in the order of declaration, requests and responses apart. Characters of captured texts are bytes.
import type { Section } from "../config/mod.ts";
import { H_COOKIE, H_SET_COOKIE, HeaderName } from "../http/mod.ts";
import type { Message } from "../http/mod.ts";

/** A slot. `header`: the last value of this one is captured; null: only actions fill the slot. */
interface CaptureSlot {
  readonly header: HeaderName | null;
  /** The most characters kept. */
  readonly length: number;
}

/** `capture cookie`: the first cookie that begins so, "name=" being exact. */
export interface CookieCapture {
  readonly name: string;
  readonly length: number;
}

/** The capture slots of one frontend. */
export class Captures {
  readonly request: CaptureSlot[] = [];
  readonly response: CaptureSlot[] = [];
  cookie: CookieCapture | null = null;

  /** Fills the slots of headers from a head; what actions put into others stays. */
  headers(message: Message, response: boolean, into: (string | null)[]): void {
    const slots = response ? this.response : this.request;
    for (let i = 0; i < slots.length; i++) {
      const { header, length } = slots[i];
      if (header === null) continue;
      const row = message.findLast(header);
      if (row >= 0) into[i] = message.valueText(row).slice(0, length);
    }
  }

  /** Puts a text into a slot, as far as it fits; a slot that the frontend lacks is passed over. */
  put(slot: number, text: string, response: boolean, into: (string | null)[]): void {
    const slots = response ? this.response : this.request;
    if (slot < slots.length) into[slot] = text.slice(0, slots[slot].length);
  }

  /** The captured cookie of a head, "name=value"; null when it has none. */
  cookieOf(message: Message, response: boolean): string | null {
    if (this.cookie === null) return null;
    const { name, length } = this.cookie;
    const id = response ? H_SET_COOKIE : H_COOKIE;
    for (let row = message.find(id); row >= 0; row = message.find(id, row + 1)) {
      const cookies = message.valueText(row).split(";");
      // What follows the first semicolon of a Set-Cookie field are attributes.
      for (const cookie of response ? cookies.slice(0, 1) : cookies) {
        const text = cookie.trim();
        if (text.startsWith(name)) return text.slice(0, length);
      }
    }
    return null;
  }
}

/** How many slots the statements of a section make. */
export function captureSlots(section: Section): { readonly request: number; readonly response: number } {
  let request = 0;
  let response = 0;
  for (const node of section.nodes) {
    if (node.keyword === "capture request header") request++;
    else if (node.keyword === "capture response header") response++;
    else if (node.keyword === "declare capture") {
      if ((node.value as { readonly response: boolean }).response) response++;
      else request++;
    } else if (hasOwnSlot(node.value)) request++;
  }
  return { request, response };
}

/** A rule "capture <sample> len <length>" of requests. */
function hasOwnSlot(value: unknown): boolean {
  const rule = value as { readonly action?: unknown; readonly argument?: { readonly length?: unknown } } | null;
  return rule?.action === "capture" && typeof rule.argument?.length === "number" && rule.argument.length > 0;
}
