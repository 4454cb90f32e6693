/** An AVI with a picture and, as subtitles, a file of any kind: players open it by what it looks like (GAB2). */

export function aviWithSubtitles(jpeg: Buffer, subtitles: Buffer): Buffer {
  const gab2 = Buffer.concat([
    Buffer.from('GAB2\0', 'latin1'),
    uint16(2),
    uint32(4),
    Buffer.from('x\0\0\0', 'latin1'),
    uint16(4),
    uint32(subtitles.length),
    subtitles,
  ]);
  const picture = Buffer.concat([
    uint32(40),
    uint32(64),
    uint32(64),
    uint16(1),
    uint16(24),
    text('MJPG'),
    Buffer.alloc(20),
  ]);
  const header = list('hdrl', [
    chunk(
      'avih',
      Buffer.concat([
        uint32(40_000),
        Buffer.alloc(12),
        uint32(1),
        uint32(0),
        uint32(2),
        Buffer.alloc(4),
        uint32(64),
        uint32(64),
        Buffer.alloc(16),
      ]),
    ),
    list('strl', [chunk('strh', streamHeader('vids', 'MJPG')), chunk('strf', picture)]),
    list('strl', [chunk('strh', streamHeader('txts', '\0\0\0\0')), chunk('strf', Buffer.alloc(0))]),
  ]);
  const frames = Array.from({ length: 5 }, () => chunk('00dc', jpeg));
  const movie = list('movi', [chunk('01tx', gab2), ...frames]);
  return Buffer.concat([text('RIFF'), uint32(4 + header.length + movie.length), text('AVI '), header, movie]);
}

function streamHeader(type: string, handler: string): Buffer {
  const rate = [uint32(1), uint32(25), uint32(0), uint32(5)];
  return Buffer.concat([text(type), text(handler), Buffer.alloc(12), ...rate, Buffer.alloc(20)]);
}

function chunk(name: string, content: Buffer): Buffer {
  return Buffer.concat([text(name), uint32(content.length), content, Buffer.alloc(content.length % 2)]);
}

function list(name: string, chunks: readonly Buffer[]): Buffer {
  return chunk('LIST', Buffer.concat([text(name), ...chunks]));
}

function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32LE(value);
  return bytes;
}

function uint16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16LE(value);
  return bytes;
}

function text(letters: string): Buffer {
  return Buffer.from(letters, 'latin1');
}
