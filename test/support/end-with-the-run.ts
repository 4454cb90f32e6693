/** Set-up of every test process: when the run is killed, its test processes end too, and what they have started with them. */

// Vitest replaces process.exit while tests run.
const end = () => process.kill(process.pid, 'SIGTERM');

if (process.listenerCount('disconnect') === 0) process.once('disconnect', end);
