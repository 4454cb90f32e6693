import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { leftOut } from '../../services/transcoder/image/left-out.ts';
import { declareAnimated, declareTransfer, withSecondPicture } from '../support/pictures.ts';

const plain = () => sharp({ create: { width: 8, height: 8, channels: 3, background: 'red' } });

describe('what of a file is not shown', () => {
  it('are the further frames of an animated PNG', async () => {
    const png = await plain().png().toBuffer();
    const said = ['Only the first frame of an animated PNG is shown.'];
    expect(leftOut(declareAnimated(png, 8), 'image/png')).toEqual(said);
    expect(leftOut(declareAnimated(png, 8), 'image/apng')).toEqual(said);
    expect(leftOut(declareAnimated(png, 1), 'image/png')).toEqual([]);
    expect(leftOut(png, 'image/png')).toEqual([]);
  });

  it('are other views in a JPEG, but for previews and gain maps', async () => {
    const jpeg = await plain().jpeg().toBuffer();
    const said = ['Only the first picture of a file with several is shown.'];
    expect(leftOut(withSecondPicture(jpeg, jpeg, 0x02_00_03), 'image/jpeg')).toEqual(said);
    expect(leftOut(withSecondPicture(jpeg, jpeg, 0x02_00_02), 'image/jpeg')).toEqual(said);
    expect(leftOut(withSecondPicture(jpeg, jpeg, 0x01_00_01), 'image/jpeg')).toEqual([]);
    expect(leftOut(withSecondPicture(jpeg, jpeg, 0), 'image/jpeg')).toEqual([]);
    expect(leftOut(jpeg, 'image/jpeg')).toEqual([]);
  });

  it('is the range of an AVIF in HDR', () => {
    const box = (transfer: number) =>
      Buffer.from([0, 0, 0, 19, ...Buffer.from('colrnclx'), 0, 9, 0, transfer, 0, 9, 0x80]);
    expect(leftOut(box(16), 'image/avif')).toEqual([expect.stringContaining('HDR')]);
    expect(leftOut(box(18), 'image/avif')).toEqual([expect.stringContaining('HDR')]);
    expect(leftOut(box(13), 'image/avif')).toEqual([]);
  });

  it('is the range of a PNG in HDR', async () => {
    const png = await plain().png().toBuffer();
    expect(leftOut(declareTransfer(png, 16), 'image/png')).toEqual([expect.stringContaining('HDR')]);
    expect(leftOut(declareTransfer(declareAnimated(png, 8), 18), 'image/apng')).toHaveLength(2);
    expect(leftOut(declareTransfer(png, 13), 'image/png')).toEqual([]);
  });

  it('is nothing that a file only begins to say', async () => {
    const png = declareAnimated(await plain().png().toBuffer(), 8);
    const jpeg = withSecondPicture(await plain().jpeg().toBuffer(), Buffer.alloc(9), 0x02_00_03);
    for (const [bytes, type] of [
      [png, 'image/png'],
      [declareTransfer(png, 16), 'image/png'],
      [jpeg, 'image/jpeg'],
      [png, 'image/jpeg'],
      [jpeg, 'image/avif'],
    ] as const) {
      for (let length = 0; length < Math.min(bytes.length, 120); length++) {
        expect(() => leftOut(bytes.subarray(0, length), type)).not.toThrow();
      }
    }
  });
});
