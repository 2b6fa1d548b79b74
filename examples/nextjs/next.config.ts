import type { NextConfig } from 'next';

const config: NextConfig = {
  // Without it, Next.js takes the outermost folder with a package-lock.json for the root of the app.
  turbopack: { root: import.meta.dirname },
};

export default config;
