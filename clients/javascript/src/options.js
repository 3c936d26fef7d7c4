// The options that a method takes. What is misspelt is refused: left out, a test would pass for the wrong reason.

/**
 * The options that a method was called with, all of them known; none, if it was called without.
 * @template {object} T
 * @param {string} method Its name, for errors.
 * @param {T | undefined} given
 * @param {string[]} known
 * @returns {T}
 */
export function options(method, given, known) {
  if (given === undefined) return /** @type {T} */ ({});
  const all = known.join(', ');
  if (given === null || typeof given !== 'object' || Array.isArray(given)) {
    throw new TypeError(`${method}: got ${shown(given)}, expected an object with the options ${all}`);
  }
  const unknown = Object.keys(given).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new TypeError(`${method}: got the option ${unknown}, expected ${all}: did you mean ${nearest(unknown, known)}?`);
  }
  return given;
}

/**
 * A finite number; `otherwise` if there is none.
 * @param {string} place Which one, for errors.
 * @param {number | undefined} given
 * @param {number} otherwise
 */
export function number(place, given, otherwise) {
  if (given === undefined) return otherwise;
  if (!Number.isFinite(given)) throw new TypeError(`${place}: got ${shown(given)}, expected a number`);
  return given;
}

/** @param {unknown} value */
function shown(value) {
  return typeof value === 'number' ? String(value) : JSON.stringify(value);
}

/**
 * @param {string} name
 * @param {string[]} known
 */
function nearest(name, known) {
  const far = (/** @type {string} */ other) => distance(name.toLowerCase(), other.toLowerCase());
  return known.reduce((best, other) => (far(other) < far(best) ? other : best));
}

/**
 * How many characters to put in, take out or replace (Levenshtein).
 * @param {string} one
 * @param {string} other
 */
function distance(one, other) {
  let row = Array.from({ length: other.length + 1 }, (_, column) => column);
  for (const letter of one) {
    const next = [row[0] + 1];
    for (let column = 0; column < other.length; column++) {
      const replaced = row[column] + (letter === other[column] ? 0 : 1);
      next.push(Math.min(replaced, next[column] + 1, row[column + 1] + 1));
    }
    row = next;
  }
  return row[other.length];
}
