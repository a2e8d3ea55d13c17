/**
 * The first key that an object has twice, which `JSON.parse` passes over in silence.
 *
 * @param json - a valid JSON object; what is nested in it is not looked at
 */
export function findRepeatedKey(json: string): string | undefined {
  const known = new Set<string>();
  let depth = 0;
  let expectsKey = false;
  for (let at = 0; at < json.length; at += 1) {
    switch (json[at]) {
      case '"': {
        const end = endOfString(json, at);
        if (expectsKey) {
          // Escaped or not, it is the same key.
          const key: string = JSON.parse(json.slice(at, end + 1));
          if (known.has(key)) return key;
          known.add(key);
          expectsKey = false;
        }
        at = end;
        break;
      }
      case '{':
      case '[':
        depth += 1;
        expectsKey = depth === 1;
        break;
      case '}':
      case ']':
        depth -= 1;
        break;
      case ',':
        expectsKey = depth === 1;
        break;
      default:
    }
  }
  return undefined;
}

/** Where the quote is that ends the string whose first quote is at `start`. */
function endOfString(json: string, start: number): number {
  let at = start + 1;
  while (at < json.length && json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
  return at;
}
