// Bytes as the control plane takes them.

/** @param {string | Uint8Array} data */
export function octets(data) {
  return typeof data === 'string' ? { text: data } : { base64: Buffer.from(data).toString('base64') };
}
