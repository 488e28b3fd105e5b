import { defineConfig } from "vite";

export default defineConfig({
  define: { "process.env.NODE_ENV": '"production"' },
  build: {
    outDir: "bundle",
    emptyOutDir: true,
    cssCodeSplit: false,
    reportCompressedSize: false,
    lib: { entry: "src/index.tsx", formats: ["es"] },
    rollupOptions: {
      output: {
        minify: true,
        entryFileNames: "canvas-[hash].js",
        assetFileNames: "canvas-[hash][extname]",
      },
    },
  },
});
