"""Has a replica listen at the address of its machine in the cluster only.

Ray 2.60 has the gRPC server by which fronts ask engines listen on all interfaces, and cannot be told
otherwise. (Its HTTP server listens where `deploy.py` says.)
"""

from typing import Any

import ray
from ray.serve._private import replica


def keep_to_own_address() -> None:
    """For the replica that this process is about to become."""
    address = ray.util.get_node_ip_address()
    add_port = replica.add_port_to_grpc_server

    def add_port_there(server: Any, where: str) -> Any:
        return add_port(server, f"{address}:{where.rpartition(':')[2]}")

    replica.add_port_to_grpc_server = add_port_there
