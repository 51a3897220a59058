using Governance.Gateway.Hosting;

return await GatewayHost.RunAsync(args);
