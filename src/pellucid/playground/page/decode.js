// An envelope's binary buffers as typed arrays, from the transport's own buffers or from base64 in the message.

/**
 * @typedef {Float64Array | Float32Array | Int8Array | Uint8Array} Numbers
 * @typedef {{ name: string, dtype: string, shape: number[], data?: string }} Entry
 * @typedef {{ buffers?: Entry[], [field: string]: any }} Message
 */

/** @type {Record<string, typeof Float64Array | typeof Float32Array | typeof Int8Array | typeof Uint8Array>} */
const KINDS = {
  "<f8": Float64Array,
  "<f4": Float32Array,
  i1: Int8Array,
  "|i1": Int8Array,
  u1: Uint8Array,
  "|u1": Uint8Array,
};

/**
 * The arrays of a message by name, or null where the transport lost the bytes (then base64 is to be asked for).
 * @param {Message} message @param {(ArrayBuffer | ArrayBufferView<ArrayBuffer>)[]} [buffers]
 */
export function arraysOf(message, buffers) {
  /** @type {Record<string, Numbers>} */
  const arrays = {};
  for (const [k, entry] of (message.buffers || []).entries()) {
    const Kind = KINDS[entry.dtype];
    const length = entry.shape.reduce((product, side) => product * side, 1);
    const view = entry.data !== undefined ? fromBase64(entry.data) : buffers && buffers[k];
    if (!view) {
      if (length > 0) return null;
      arrays[entry.name] = new Kind(0);
      continue;
    }
    if (view.byteLength < length * Kind.BYTES_PER_ELEMENT) return null;
    const [bytes, offset] = view instanceof ArrayBuffer ? [view, 0] : [view.buffer, view.byteOffset];
    arrays[entry.name] =
      offset % Kind.BYTES_PER_ELEMENT === 0
        ? new Kind(bytes, offset, length)
        : new Kind(bytes.slice(offset, offset + length * Kind.BYTES_PER_ELEMENT));
  }
  return arrays;
}

/** @param {string} text */
function fromBase64(text) {
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let k = 0; k < binary.length; k++) bytes[k] = binary.charCodeAt(k);
  return bytes;
}

/**
 * One WebSocket message: the JSON's length, the JSON, the buffers, all at multiples of 8 bytes.
 * @param {ArrayBuffer} bytes
 */
export function unpack(bytes) {
  const length = new DataView(bytes).getUint32(0, true);
  /** @type {Message} */
  const message = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 4, length)));
  const buffers = [];
  let offset = 4 + length;
  for (const entry of message.buffers || []) {
    const size = entry.shape.reduce((product, side) => product * side, 1) * KINDS[entry.dtype].BYTES_PER_ELEMENT;
    buffers.push(new DataView(bytes, offset, size));
    offset += Math.ceil(size / 8) * 8;
  }
  return { message, buffers };
}
