/**
 * A process that renders one clip, to be killed while it does:
 * `node render-until-killed.ts source contentType directory [none]`, the last without a sandbox.
 */
import { NO_SANDBOX } from '../../services/transcoder/sandbox.ts';
import { settings } from './render-settings.ts';
import { renderClip } from './video.ts';

const [source = '', contentType = '', directory = '', sandbox = ''] = process.argv.slice(2);

await renderClip(source, contentType, directory, {
  ...(sandbox === 'none' && { settings: { ...settings, sandbox: NO_SANDBOX } }),
  onProgress: () => console.log('progress'),
});
