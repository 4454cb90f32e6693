import { describe, expect, it } from 'vitest';
import {
  announcedByFlv,
  announcedByMatroska,
  announcedByMp3,
  announcedByWav,
  lacksOggEnd,
} from '../../services/transcoder/video/whole/announced.ts';

const bytes = (...values: number[]) => Buffer.from(values);
const little = (value: number) => {
  const four = Buffer.alloc(4);
  four.writeUInt32LE(value);
  return four;
};
const big = (value: number) => little(value).reverse();

describe('the bytes that a file announces', () => {
  const wav = (length: number) =>
    Buffer.concat([
      Buffer.from('RIFF'),
      little(0),
      Buffer.from('WAVEfmt '),
      little(3),
      bytes(1, 2, 3, 0),
      Buffer.from('data'),
      little(length),
    ]);

  it('are found in WAV, unless it was a stream', () => {
    expect(announcedByWav(wav(1000))).toBe(wav(0).length + 1000);
    expect(announcedByWav(wav(0xffffffff))).toBeUndefined();
    expect(announcedByWav(wav(0x7fffffff))).toBeUndefined();
    expect(announcedByWav(Buffer.from('RIFF'))).toBeUndefined();
  });

  it('are found in MP3, behind its tags', () => {
    const tag = Buffer.concat([Buffer.from('ID3'), bytes(3, 0, 0, 0, 0, 1, 2), Buffer.alloc(130)]);
    const xing = Buffer.concat([Buffer.alloc(36), Buffer.from('Xing'), big(3), big(100), big(5000)]);
    expect(announcedByMp3(Buffer.concat([tag, xing]))).toBe(tag.length + 5000);
    const info = Buffer.concat([Buffer.alloc(36), Buffer.from('Info'), big(2), big(5000), Buffer.alloc(4)]);
    expect(announcedByMp3(info)).toBe(5000);
    const vbri = Buffer.concat([Buffer.alloc(36), Buffer.from('VBRI'), Buffer.alloc(6), big(7000)]);
    expect(announcedByMp3(vbri)).toBe(7000);
    expect(announcedByMp3(Buffer.alloc(500))).toBeUndefined();
    expect(announcedByMp3(Buffer.from('ID3'))).toBeUndefined();
  });

  it('are found in FLV', () => {
    const number = Buffer.alloc(8);
    number.writeDoubleBE(4321);
    expect(announcedByFlv(Buffer.concat([Buffer.from('FLV…filesize'), bytes(0), number]))).toBe(4321);
    expect(announcedByFlv(Buffer.from('FLV…filesize'))).toBeUndefined();
    expect(announcedByFlv(Buffer.from('FLV'))).toBeUndefined();
  });

  it('are found in Matroska, unless it was a stream', () => {
    const ebml = bytes(0x1a, 0x45, 0xdf, 0xa3, 0x82, 0, 0, 0x18, 0x53, 0x80, 0x67);
    expect(announcedByMatroska(Buffer.concat([ebml, bytes(0x40, 0x10)]))).toBe(ebml.length + 2 + 16);
    const unknown = bytes(0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff);
    expect(announcedByMatroska(Buffer.concat([ebml, unknown]))).toBeUndefined();
    for (const end of [0, 4, 5, 9, 11]) expect(announcedByMatroska(ebml.subarray(0, end))).toBeUndefined();
  });

  it('are said to be all by the last page of Ogg', () => {
    const page = (flags: number) => Buffer.concat([Buffer.from('OggS'), bytes(0, flags)]);
    expect(lacksOggEnd(Buffer.concat([page(0), page(4)]))).toBe(false);
    expect(lacksOggEnd(Buffer.concat([page(4), page(0)]))).toBe(true);
    expect(lacksOggEnd(Buffer.from('none'))).toBe(false);
  });
});
