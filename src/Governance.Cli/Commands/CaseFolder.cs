using Governance.Cli.Shell;
using Governance.Data.Cases;

namespace Governance.Cli.Commands;

/// <summary>Opens a folder of a reference case for a command, and chooses a model of it.</summary>
internal static class CaseFolder
{
    /// <param name="model">Name of a model of the case; null takes the first.</param>
    /// <exception cref="CliException">There is no such folder or model, or the folder is no case.</exception>
    public static async Task<(ReferenceCase Material, ReferenceModel Model)> OpenAsync(string folder, string? model, CancellationToken cancellationToken)
    {
        if (!Directory.Exists(folder))
        {
            throw CliException.NotFound($"There is no folder {folder}.");
        }

        var material = await LoadAsync(folder, cancellationToken);
        var chosen = model is null ? material.Models[0] : material.Models.FirstOrDefault(m => m.Name == model)
            ?? throw CliException.NotFound($"The case has no model '{model}'.", $"It has: {string.Join(", ", material.Models.Select(m => m.Name))}");
        return (material, chosen);
    }

    private static async Task<ReferenceCase> LoadAsync(string folder, CancellationToken cancellationToken)
    {
        try
        {
            return await ReferenceCase.LoadAsync(folder, cancellationToken);
        }
        catch (InvalidDataException e)
        {
            throw CliException.Invalid(e.Message);
        }
    }
}
