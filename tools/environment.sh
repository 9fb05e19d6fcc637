# Sourced by the scripts in bin/: a Node.js that the web tools accept (>= 20.19), from the machine or from inside the checkout.
node_version_fits() {
  command -v node >/dev/null || return 1
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)'
}
if ! node_version_fits && [ -x .node/node_modules/.bin/npm ]; then
  export PATH="$PWD/.node/node_modules/.bin:$PATH"
fi
