package environment

import "testing"

func TestWorkflowsNameSystemPackages(t *testing.T) {
	workflow := `on: push
jobs:
  test:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v5
      - run: sudo apt-get update && sudo apt-get install -y --no-install-recommends redis-server libonig-dev=6.9 && make
      - name: more
        run: |
          # sudo apt-get install commented
          sudo apt install -t bookworm-backports "libpq-dev" ${{ matrix.compiler }} $EXTRA linux-headers-$(uname -r) \
            valgrind UPPER ./local.deb $(cat packages.txt) > log.txt
          echo apt-get is installed
          npm install left-pad
`
	example{name: "apt", files: memory{".github/workflows/ci.yml": workflow, ".github/workflows/note.txt": workflow},
		packages: "libpq-dev redis-server valgrind",
		reasons: []string{`.github/workflows/ci.yml:7 redis-server "" any`, `.github/workflows/ci.yml:11 libpq-dev "" any`,
			`.github/workflows/ci.yml:12 valgrind "" any`}}.run(t)
}
