import { describe, expect, it } from 'vitest';
import { parseReport } from '../../services/transcoder/image/parse-report.ts';
import { reportOf } from '../../services/transcoder/image/report.ts';
import { FileFault } from '../../shared/errors.ts';

const made = (file: string, contentType = 'image/webp') =>
  JSON.stringify({
    what: 'made',
    variants: [{ name: 'full', file, contentType, bytes: 1, width: 1, height: 1 }],
  });

describe('a report of the image process', () => {
  it('carries what went wrong, and whose fault it was', () => {
    const overTheLine = (error: unknown) => parseReport(JSON.stringify(reportOf(error)));
    expect(overTheLine(new FileFault('It is cut off.', 'premature end'))).toEqual({
      what: 'fault',
      reason: 'It is cut off.',
      toolOutput: 'premature end',
    });
    expect(overTheLine(Object.assign(new Error('no space left'), { code: 'ENOSPC' }))).toEqual({
      what: 'error',
      message: 'no space left',
      code: 'ENOSPC',
    });
  });

  it('names files of its own directory only, whatever the picture made of the process', () => {
    expect(parseReport(made('full.webp'))).toMatchObject({ what: 'made' });
    for (const file of ['../secret.webp', '/etc/passwd', 'a/b.webp', '..', '']) {
      expect(() => parseReport(made(file)), file).toThrow();
    }
  });

  it('names pictures only, and no page that a browser would run', () => {
    for (const type of ['webp', 'jpeg', 'avif', 'png']) {
      expect(parseReport(made('full.webp', `image/${type}`))).toMatchObject({ what: 'made' });
    }
    for (const type of ['text/html', 'image/svg+xml', 'video/mp4', 'image/webp; charset=x', '']) {
      expect(() => parseReport(made('full.webp', type)), type).toThrow();
    }
  });

  it('that nobody knows is an error', () => {
    expect(() => parseReport('{"what":"ready"}')).toThrow();
    expect(() => parseReport('VIPS-WARNING: something')).toThrow();
  });
});
