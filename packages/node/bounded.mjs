// A bound for the memory of a WebAssembly module: the maximum in its memory section, which is what engines enforce.

const HEADER = 8;
const MEMORY_SECTION = 5;

/** The module with each memory of its own bounded to so many pages. */
export function bounded(module, pages) {
  for (let at = HEADER; at < module.length;) {
    const [size, contents] = unsigned(module, at + 1);
    if (module[at] === MEMORY_SECTION) {
      const section = memories(module, contents, pages);
      const parts = [module.subarray(0, at + 1), leb(section.length), section, module.subarray(contents + size)];
      return Buffer.concat(parts.map((part) => Uint8Array.from(part)));
    }
    at = contents + size;
  }
  return module;
}

function memories(module, start, pages) {
  let [count, at] = unsigned(module, start);
  const section = leb(count);
  for (; count > 0; count -= 1) {
    const flags = module[at];
    // Neither shared nor of 64 bits, of which limits are written otherwise.
    if (flags > 1) throw new Error(`a memory has limits of an unknown kind: ${flags}`);
    let minimum, maximum;
    [minimum, at] = unsigned(module, at + 1);
    if (flags === 1) [maximum, at] = unsigned(module, at);
    section.push(1, ...leb(minimum), ...leb(Math.min(maximum ?? pages, pages)));
  }
  return section;
}

// Numbers in LEB128.
function unsigned(bytes, at) {
  let value = 0;
  for (let shift = 0; ; shift += 7, at += 1) {
    value += (bytes[at] & 0x7f) * 2 ** shift;
    if (bytes[at] < 0x80) return [value, at + 1];
  }
}

function leb(value) {
  const bytes = [];
  for (; value >= 0x80; value = Math.floor(value / 0x80)) bytes.push((value % 0x80) | 0x80);
  return [...bytes, value];
}
