/** The health check of a container: exit code 0 when the service in it can work. The images have no curl. */
const port = process.env['HEALTH_PORT'] || process.env['PORT'];
try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`);
  if (!response.ok) console.error(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(String(error));
  process.exitCode = 1;
}
