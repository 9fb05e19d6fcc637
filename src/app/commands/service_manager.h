// What a service manager hands to the program that it starts (systemd's protocol for sockets).
#pragma once

namespace kehai::app {

// The listening socket that the service manager opened for this process (LISTEN_PID, LISTEN_FDS;
// descriptor 3), the caller's from now on; -1 when there is none. Connections wait in it while one
// process has ended and the next one is not ready yet. Clears the variables; call it once, before
// threads. Throws Error Invalid "config.inherited_socket" when there are several sockets or it is
// none that listens for streams.
int take_inherited_socket();

}  // namespace kehai::app
