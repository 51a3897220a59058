# What ./run and ./test share: saying what is done and how long it took, and installing what is missing.

step() { step_name=$1; step_start=$SECONDS; echo "==> $step_name"; }
done_step() { echo "    done in $((SECONDS - step_start)) s"; }

# need COMMAND WHAT-TO-INSTALL
need() {
  command -v "$1" >/dev/null || { echo "$1 is missing. Install $2." >&2; exit 1; }
}

# install_debian COMMAND:PACKAGE ...: installs the packages whose commands (or files, by path) are missing, where this is Debian and we are root.
install_debian() {
  local packages=()
  for pair in "$@"; do
    [[ $pair == /* && -e ${pair%%:*} ]] || command -v "${pair%%:*}" >/dev/null || packages+=("${pair#*:}")
  done
  [ ${#packages[@]} -eq 0 ] && return
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    apt-get update -qq
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${packages[@]}" >/dev/null
  else
    echo "    not installed (needs root and apt-get): ${packages[*]}. What needs them says so."
  fi
}

# build ARGS...: dotnet build, silent unless it fails.
build() {
  local output
  output=$(dotnet build "$@" --verbosity quiet --nologo 2>&1) || { echo "$output" >&2; exit 1; }
}
