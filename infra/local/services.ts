/** The three services, each a process of its own, as `npm run service:…` starts them. */
import type { Environment } from '../../shared/config.ts';
import { orAborted } from './all-come-up.ts';
import { pause } from './pause.ts';
import { SERVICES, serviceCommand } from './service-command.ts';
import type { Starting } from './starting.ts';

const ASK_EVERY_MS = 100;

/** Resolves when each has said that it is ready and the upload service at `url` finds all that it needs. */
export async function startServices(env: Environment, url: string, starting: Starting): Promise<void> {
  const services = await Promise.all(
    SERVICES.map((name) =>
      starting.supervise({
        name,
        command: serviceCommand(name),
        env: { ...env },
        announcesReady: true,
      }),
    ),
  );
  starting.owned.defer(async () => {
    await Promise.all(services.map((service) => service.stop()));
  });
  await starting.comeUp(
    services.map((supervised) => ({
      supervised,
      up: async (signal) => {
        await orAborted(supervised.ready, signal);
        if (supervised.name === 'upload') await answersReady(url, signal);
      },
    })),
  );
}

async function answersReady(url: string, signal: AbortSignal): Promise<void> {
  for (;;) {
    const response = await fetch(`${url}/readyz`, { signal }).catch(() => undefined);
    await response?.body?.cancel();
    if (response?.status === 200) return;
    await pause(ASK_EVERY_MS, signal);
  }
}
