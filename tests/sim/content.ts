// Bodies that tell whose they are and which part: any byte lost, doubled or mixed up shows.

/** `length` bytes of the body of a tag. */
export function bodyOf(tag: string, length: number): string {
  const parts: string[] = [];
  for (let at = 0, i = 0; at < length; i++) {
    const part = `${tag}#${i};`;
    parts.push(part);
    at += part.length;
  }
  return parts.join("").slice(0, length);
}

/** "" when `text` is the beginning of the tag's body, else what is wrong. */
export function notPrefix(text: string, tag: string, length: number): string {
  const body = bodyOf(tag, Math.max(length, text.length));
  if (text.length > length) return `${tag}: ${text.length} bytes of a body of ${length}`;
  if (body.startsWith(text)) return "";
  let at = 0;
  while (body[at] === text[at]) at++;
  return `${tag}: byte ${at} of the body is wrong: ${JSON.stringify(text.slice(at, at + 40))}`;
}
