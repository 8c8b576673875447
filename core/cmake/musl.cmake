# Alpine's C library, with the compiler of PyPI's ziglang (script/lib/zig.sh); programs are linked statically.
# -DCAMCLASSIFY_MUSL_PROCESSOR=x86_64|aarch64, or the same in the environment.
set(CMAKE_TRY_COMPILE_PLATFORM_VARIABLES CAMCLASSIFY_MUSL_PROCESSOR)
if(NOT CAMCLASSIFY_MUSL_PROCESSOR)
  set(CAMCLASSIFY_MUSL_PROCESSOR $ENV{CAMCLASSIFY_MUSL_PROCESSOR})
endif()
set(ZIG TRUE) # its names of processors are its own
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR ${CAMCLASSIFY_MUSL_PROCESSOR})
set(CMAKE_C_COMPILER musl-${CAMCLASSIFY_MUSL_PROCESSOR}-cc)
set(CMAKE_CXX_COMPILER musl-${CAMCLASSIFY_MUSL_PROCESSOR}-c++)
set(CMAKE_EXE_LINKER_FLAGS_INIT -static)
# zig's name of the C library is not Alpine's.
set(CMAKE_CXX_CREATE_SHARED_MODULE
  "<CMAKE_CXX_COMPILER> <CMAKE_SHARED_MODULE_CXX_FLAGS> <LANGUAGE_COMPILE_FLAGS> <LINK_FLAGS> \
<CMAKE_SHARED_MODULE_CREATE_CXX_FLAGS> -o <TARGET> <OBJECTS> <LINK_LIBRARIES>"
  "patchelf --replace-needed libc.so libc.musl-${CAMCLASSIFY_MUSL_PROCESSOR}.so.1 <TARGET>")
# This machine's strip may not know the other processor's files, so the linker does it.
set(CMAKE_MODULE_LINKER_FLAGS_INIT -s)
set(CMAKE_STRIP true)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-${CAMCLASSIFY_MUSL_PROCESSOR})
