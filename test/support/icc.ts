/** Colour profiles written byte by byte (ICC.1:2001-04): three primaries and a gamma, as Adobe RGB is. */

type Xyz = readonly [number, number, number];

/** Adobe RGB (1998), adapted to D50; gamma 2.2. */
export function adobeRgb(): Buffer {
  return profile('RGB ', [
    ['rXYZ', xyz([0.60974, 0.31111, 0.01947])],
    ['gXYZ', xyz([0.20528, 0.62567, 0.06087])],
    ['bXYZ', xyz([0.14919, 0.06322, 0.74457])],
    ['rTRC', gamma(2.2)],
    ['gTRC', gamma(2.2)],
    ['bTRC', gamma(2.2)],
  ]);
}

/** Grey of a gamma of its own, as scanners write. */
export function greyGamma(exponent: number): Buffer {
  return profile('GRAY', [['kTRC', gamma(exponent)]]);
}

const HEADER = 128;

function profile(space: string, tags: readonly (readonly [name: string, data: Buffer])[]): Buffer {
  const all = [...tags, ['wtpt', xyz([0.9642, 1, 0.8249])] as const, ['desc', description()] as const];
  const table = Buffer.alloc(4 + 12 * all.length);
  table.writeUInt32BE(all.length, 0);
  let offset = HEADER + table.length;
  all.forEach(([name, data], index) => {
    table.write(name, 4 + 12 * index, 'latin1');
    table.writeUInt32BE(offset, 8 + 12 * index);
    table.writeUInt32BE(data.length, 12 + 12 * index);
    offset += data.length;
  });
  const header = Buffer.alloc(HEADER);
  header.writeUInt32BE(offset, 0);
  header.writeUInt32BE(0x02_40_00_00, 8);
  header.write(`mntr${space}XYZ `, 12, 'latin1');
  header.write('acsp', 36, 'latin1');
  xyz([0.9642, 1, 0.8249]).copy(header, 68, 8);
  return Buffer.concat([header, table, ...all.map(([, data]) => data)]);
}

function xyz(values: Xyz): Buffer {
  const data = Buffer.alloc(20);
  data.write('XYZ ', 0, 'latin1');
  values.forEach((value, index) => void data.writeInt32BE(Math.round(value * 65_536), 8 + 4 * index));
  return data;
}

function gamma(exponent: number): Buffer {
  const data = Buffer.alloc(16);
  data.write('curv', 0, 'latin1');
  data.writeUInt32BE(1, 8);
  data.writeUInt16BE(Math.round(exponent * 256), 12);
  return data;
}

function description(): Buffer {
  const data = Buffer.alloc(96);
  data.write('desc', 0, 'latin1');
  data.writeUInt32BE(5, 8);
  data.write('test\0', 12, 'latin1');
  return data;
}
