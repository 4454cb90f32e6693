/** A process that renders one clip, to be killed while it does: `node render-until-killed.ts source contentType directory`. */
import { renderClip } from './video.ts';

const [source = '', contentType = '', directory = ''] = process.argv.slice(2);

await renderClip(source, contentType, directory, { onProgress: () => console.log('progress') });
