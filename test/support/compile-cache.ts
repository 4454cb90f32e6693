/** The tests start services some hundreds of times: Node keeps what it has compiled of them, which halves a start's CPU. */
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Part of an environment. */
export const compileCache = { NODE_COMPILE_CACHE: join(tmpdir(), 'projectionist-tests-compiled') };
