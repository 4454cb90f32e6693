/** What a file holds besides the picture that is shown, for a warning. libvips does not tell, so its parts are looked at. Pure. */

/**
 * One sentence for each thing that will be missing.
 * @param head the beginning of the file, up to the picture's own data.
 */
export function leftOut(head: Buffer, contentType: string): string[] {
  switch (contentType) {
    case 'image/png':
    case 'image/apng':
      return isAnimatedPng(head) ? ['Only the first frame of an animated PNG is shown.'] : [];
    case 'image/jpeg':
      return holdsOtherViews(head) ? ['Only the first picture of a file with several is shown.'] : [];
    case 'image/avif':
      return isHdr(head) ? ['The picture is in HDR, which is not supported: its colours may look pale.'] : [];
    default:
      return [];
  }
}

/** The frames are declared before the picture's data (`acTL`, PNG specification, third edition, 11.3.6.1). */
function isAnimatedPng(head: Buffer): boolean {
  for (let position = 8; position + 12 <= head.length; ) {
    const type = head.toString('latin1', position + 4, position + 8);
    if (type === 'IDAT') return false;
    if (type === 'acTL') return head.readUInt32BE(position + 8) > 1;
    position += 12 + head.readUInt32BE(position);
  }
  return false;
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

/** By the transfer function that an `nclx` colour box names (ITU-T H.273): 16 is PQ, 18 is HLG. */
function isHdr(head: Buffer): boolean {
  const box = head.indexOf('colrnclx');
  return box >= 0 && box + 12 <= head.length && [16, 18].includes(head.readUInt16BE(box + 10));
}
