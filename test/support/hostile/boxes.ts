/** Boxes of MP4 and QuickTime (ISO 14496-12): found by name, with what they hold changed. */

/** Where the n-th box of this name begins. */
export function boxAt(file: Buffer, name: string, nth = 0): number {
  let at = -1;
  for (let count = 0; count <= nth; count++) {
    at = file.indexOf(name, at + 1, 'latin1');
    if (at < 4) throw new Error(`there is no ${name} ${nth}`);
  }
  return at - 4;
}

/** A copy with these bytes `offset` bytes behind the beginning of a box: 0 is its size, 8 its first field. */
export function withBytes(file: Buffer, name: string, offset: number, bytes: readonly number[], nth = 0): Buffer {
  const changed = Buffer.from(file);
  Buffer.from(bytes).copy(changed, boxAt(file, name, nth) + offset);
  return changed;
}

/** A box of this name. */
export function box(name: string, content: Buffer): Buffer {
  const size = Buffer.alloc(4);
  size.writeUInt32BE(8 + content.length);
  return Buffer.concat([size, Buffer.from(name, 'latin1'), content]);
}

/** The boxes around all others of a track's sample tables, outermost first. */
const AROUND = ['moov', 'trak', 'mdia', 'minf', 'dinf'];

/**
 * The first data reference replaced: the media lie in another file (QuickTime's alias, by an absolute path).
 * @param file whose index is at its end, so that nothing else moves.
 */
export function withMediaIn(file: Buffer, path: string): Buffer {
  const dref = boxAt(file, 'dref');
  const replaced = box('dref', Buffer.concat([Buffer.from([0, 0, 0, 0, 0, 0, 0, 1]), alias(path)]));
  const before = file.readUInt32BE(dref);
  const changed = Buffer.concat([file.subarray(0, dref), replaced, file.subarray(dref + before)]);
  for (const name of AROUND) {
    const at = boxAt(changed, name);
    changed.writeUInt32BE(changed.readUInt32BE(at) + replaced.length - before, at);
  }
  return changed;
}

/** As ffmpeg reads it (libavformat/mov.c, mov_read_dref). */
function alias(path: string): Buffer {
  const text = Buffer.from(path);
  const fixed = Buffer.alloc(4 + 10 + 28 + 12 + 64 + 16 + 4 + 16);
  fixed[4 + 10] = 1;
  fixed.write('/', 4 + 10 + 1);
  const name = path.split('/').at(-1) ?? '';
  fixed[4 + 10 + 28 + 12] = name.length;
  fixed.write(name, 4 + 10 + 28 + 12 + 1);
  // Levels of folders from here up, and down again.
  fixed.writeUInt16BE(1, 4 + 10 + 28 + 12 + 64 + 16);
  fixed.writeUInt16BE(1, 4 + 10 + 28 + 12 + 64 + 16 + 2);
  const record = (type: number, content: Buffer) => {
    const head = Buffer.alloc(4);
    head.writeUInt16BE(type, 0);
    head.writeUInt16BE(content.length, 2);
    return Buffer.concat([head, content, Buffer.alloc(content.length % 2)]);
  };
  const end = Buffer.from([0xff, 0xff, 0, 0]);
  return box('alis', Buffer.concat([fixed, record(2, text), record(18, text), end]));
}
