namespace Governance.Core;

/// <summary>Where an artefact lies below its folder: <c>ab/cdef…</c>, the digits of its digest. What writes, reads and ships artefacts agrees on it.</summary>
public static class ArtifactPath
{
    /// <exception cref="ArgumentException">The digest is empty.</exception>
    public static string Of(string folder, Digest digest) => digest.IsEmpty
        ? throw new ArgumentException("An artefact has a digest.", nameof(digest))
        : Path.Combine(folder, digest.Hex[..2], digest.Hex[2..]);
}
