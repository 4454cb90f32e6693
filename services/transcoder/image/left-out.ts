/** What a file holds besides the picture that is shown, for a warning. libvips does not tell, so its parts are looked at. Pure. */

/**
 * One sentence for each thing that will be missing.
 * @param head the beginning of the file, up to the picture's own data.
 */
export function leftOut(head: Buffer, contentType: string): string[] {
  switch (contentType) {
    case 'image/png':
    case 'image/apng':
      return [
        ...(isAnimatedPng(head) ? ['Only the first frame of an animated PNG is shown.'] : []),
        ...(isHdrPng(head) ? [HDR] : []),
      ];
    case 'image/jpeg':
      return holdsOtherViews(head) ? ['Only the first picture of a file with several is shown.'] : [];
    case 'image/avif':
      return isHdr(head) ? [HDR] : [];
    default:
      return [];
  }
}

const HDR = 'The picture is in HDR, which is not supported: its colours may look pale.';

/** PNG specification, third edition, 11.3.6.1. */
function isAnimatedPng(head: Buffer): boolean {
  const control = pngChunk(head, 'acTL');
  return control !== undefined && control.length >= 4 && control.readUInt32BE(0) > 1;
}

/** PNG specification, third edition, 11.3.2.6: primaries, transfer function, matrix, range. */
function isHdrPng(head: Buffer): boolean {
  const transfer = pngChunk(head, 'cICP')?.[1];
  return transfer !== undefined && HDR_TRANSFERS.includes(transfer);
}

/** What is declared of a picture comes before its data. */
function pngChunk(head: Buffer, wanted: string): Buffer | undefined {
  for (let position = 8; position + 12 <= head.length; ) {
    const type = head.toString('latin1', position + 4, position + 8);
    const length = head.readUInt32BE(position);
    if (type === wanted) return head.subarray(position + 8, position + 8 + length);
    if (type === 'IDAT') return undefined;
    position += 12 + length;
  }
  return undefined;
}

/**
 * A panorama's parts, or the other eye of a stereo camera (CIPA DC-007, "Multi-Picture Format"). Previews, depth and HDR
 * gain maps are kept in the same way, and nobody misses them.
 */
function holdsOtherViews(head: Buffer): boolean {
  const index = multiPictureIndex(head);
  return index !== undefined && pictureTypes(index).some((type) => OTHER_VIEWS.includes(type));
}

const OTHER_VIEWS = [0x02_00_01, 0x02_00_02, 0x02_00_03];

/** The TIFF structure in the APP2 segment that begins with `MPF`. */
function multiPictureIndex(head: Buffer): Buffer | undefined {
  for (let position = 2; position + 4 <= head.length && head[position] === 0xff; ) {
    const marker = head[position + 1];
    if (marker === START_OF_SCAN) return undefined;
    const end = position + 2 + head.readUInt16BE(position + 2);
    const isIndex = marker === APP2 && head.toString('latin1', position + 4, position + 8) === 'MPF\0';
    if (isIndex) return head.subarray(position + 8, end);
    position = end;
  }
  return undefined;
}

const APP2 = 0xe2;
const START_OF_SCAN = 0xda;
const MP_ENTRY = 0xb002;

/** What each further picture is, by its entry of 16 bytes. Empty where the structure is not as it should be. */
function pictureTypes(tiff: Buffer): number[] {
  const little = tiff.toString('latin1', 0, 2) === 'II';
  const uint16 = (at: number) => (at + 2 > tiff.length ? 0 : little ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const uint32 = (at: number) => (at + 4 > tiff.length ? 0 : little ? tiff.readUInt32LE(at) : tiff.readUInt32BE(at));
  const directory = uint32(4);
  for (let field = 0; field < uint16(directory); field++) {
    const at = directory + 2 + 12 * field;
    if (uint16(at) !== MP_ENTRY) continue;
    const entries = Math.floor(Math.min(uint32(at + 4), tiff.length) / 16);
    return Array.from({ length: entries }, (_, entry) => uint32(uint32(at + 8) + 16 * entry) & 0xff_ff_ff);
  }
  return [];
}

/** Transfer functions of ITU-T H.273: PQ, HLG. */
const HDR_TRANSFERS = [16, 18];

/** By what an `nclx` colour box names. */
function isHdr(head: Buffer): boolean {
  const box = head.indexOf('colrnclx');
  return box >= 0 && box + 12 <= head.length && HDR_TRANSFERS.includes(head.readUInt16BE(box + 10));
}
