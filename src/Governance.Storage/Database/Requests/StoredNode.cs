namespace Governance.Storage.Database.Requests;

/// <summary>A row of <c>request.nodes</c>: a gateway of the installation, as it said at its last start. Immutable.</summary>
/// <param name="Log">Public key of its inference log.</param>
/// <param name="Address">Where the others reach it; null when nowhere.</param>
/// <param name="Proof">32 bytes by which the others know that a gateway of the installation wrote the row.</param>
public sealed record StoredNode(string Name, string Log, string? Address, byte[] Proof);
